import { spawnSync } from 'node:child_process';
import type { Place } from './delay-proxy.js';
import { SITES } from './mesh-network.js';
import type { Wiring } from './wiring.js';

/** A private network for the sites of one run; the bridge has the last address of it. */
const SUBNET = '10.197.61';
const PREFIX = 'iotw-';
const BRIDGE = `${PREFIX}mesh`;
const BRIDGE_HOST = 254;
const IP = 'ip';

function ip(words: string): boolean {
  return spawnSync(IP, words.split(' '), { stdio: 'ignore' }).status === 0;
}

/** Every site in a network namespace of its own, all at one bridge; needs root. */
export class NamespaceWiring implements Wiring {
  /** undefined where this user may not make namespaces. */
  static open(): NamespaceWiring | undefined {
    removeAll();
    const made =
      ip(`link add ${BRIDGE} type bridge`) &&
      ip(`addr add ${SUBNET}.${BRIDGE_HOST}/24 dev ${BRIDGE}`) &&
      ip(`link set ${BRIDGE} up`) &&
      Array.from({ length: SITES }, (_, site) => addSite(site)).every(Boolean);
    if (made) return new NamespaceWiring();
    removeAll();
    return undefined;
  }

  host(site: number): string {
    return `${SUBNET}.${site + 1}`;
  }

  under(site: number): readonly string[] {
    return [IP, 'netns', 'exec', `${PREFIX}${site}`];
  }

  async way(_from: number, to: number, port: number): Promise<Place> {
    return { host: this.host(to), port };
  }

  /** The site is alone: no packet comes or goes, and nobody is told. */
  partition(site: number, apart: boolean): void {
    ip(`link set ${PREFIX}v${site} ${apart ? 'down' : 'up'}`);
  }

  /** No packet passes between these two. */
  disconnect(one: number, other: number, apart: boolean): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const)
      ip(`-n ${PREFIX}${from} route ${apart ? 'add' : 'del'} blackhole ${this.host(to)}/32`);
  }

  async close(): Promise<void> {
    removeAll();
  }
}

function addSite(site: number): boolean {
  const name = `${PREFIX}${site}`;
  const [outside, inside] = [`${PREFIX}v${site}`, `${PREFIX}w${site}`];
  return (
    ip(`netns add ${name}`) &&
    ip(`link add ${outside} type veth peer name ${inside} netns ${name}`) &&
    ip(`link set ${outside} master ${BRIDGE} up`) &&
    ip(`-n ${name} link set lo up`) &&
    ip(`-n ${name} addr add ${SUBNET}.${site + 1}/24 dev ${inside}`) &&
    ip(`-n ${name} link set ${inside} up`)
  );
}

/** Of this run, or of one that was killed. */
function removeAll(): void {
  for (let site = 0; site < SITES; site++) ip(`netns del ${PREFIX}${site}`);
  ip(`link del ${BRIDGE}`);
}
