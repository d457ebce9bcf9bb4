import { spawnSync } from 'node:child_process';
import type { Place } from './delay-proxy.js';
import { SITES } from './mesh-network.js';
import type { Wiring } from './wiring.js';

/** Private networks for the sites of a run, one for each run; the bridge has the last address of it. */
const SUBNETS = '10.197';
const MOST_RUNS = 250;
const BRIDGE_HOST = 254;
const IP = 'ip';

function ip(words: string): boolean {
  return spawnSync(IP, words.split(' '), { stdio: 'ignore' }).status === 0;
}

function ipSays(words: string): string {
  return spawnSync(IP, words.split(' '), { encoding: 'utf8' }).stdout ?? '';
}

/** What a run calls its namespaces and links: by its process id, so that runs side by side do not meet. */
class Names {
  readonly bridge: string;

  constructor(readonly pid: number) {
    this.bridge = `iw${pid.toString(36)}m`;
  }

  namespace(site: number): string {
    return `iotw-${this.pid.toString(36)}-${site}`;
  }

  /** The two ends of a site's line: at the bridge and in the namespace; at most 15 characters. */
  outside(site: number): string {
    return `iw${this.pid.toString(36)}v${site}`;
  }
  inside(site: number): string {
    return `iw${this.pid.toString(36)}w${site}`;
  }

  /** Runs that left something behind, or are still at work: what lists of `ip` name. */
  static all(): Names[] {
    const listed = `${ipSays('netns list')}\n${ipSays('-o link show type bridge')}`;
    const found = listed.matchAll(/\biotw-([0-9a-z]{1,6})-\d\b|\biw([0-9a-z]{1,6})m\b/g);
    const pids = [...found].map(([, one, other]) => Number.parseInt((one ?? other)!, 36));
    return [...new Set(pids)].map((pid) => new Names(pid));
  }

  remove(): void {
    for (let site = 0; site < SITES; site++) ip(`netns del ${this.namespace(site)}`);
    ip(`link del ${this.bridge}`);
  }
}

/** Every site in a network namespace of its own, all at one bridge; needs root. */
export class NamespaceWiring implements Wiring {
  readonly #names: Names;
  readonly #subnet: string;

  private constructor(names: Names, subnet: string) {
    this.#names = names;
    this.#subnet = subnet;
  }

  /** undefined where this user may not make namespaces. What killed runs left is removed. */
  static open(): NamespaceWiring | undefined {
    for (const names of Names.all()) if (!isAlive(names.pid)) names.remove();
    const names = new Names(process.pid);
    const subnet = freeSubnet();
    const made =
      subnet !== undefined &&
      ip(`link add ${names.bridge} type bridge`) &&
      ip(`addr add ${subnet}.${BRIDGE_HOST}/24 dev ${names.bridge}`) &&
      ip(`link set ${names.bridge} up`) &&
      Array.from({ length: SITES }, (_, site) => addSite(names, subnet, site)).every(Boolean);
    if (made) return new NamespaceWiring(names, subnet);
    names.remove();
    return undefined;
  }

  host(site: number): string {
    return `${this.#subnet}.${site + 1}`;
  }

  under(site: number): readonly string[] {
    return [IP, 'netns', 'exec', this.#names.namespace(site)];
  }

  async way(_from: number, to: number, port: number): Promise<Place> {
    return { host: this.host(to), port };
  }

  /** The site is alone: no packet comes or goes, and nobody is told. */
  partition(site: number, apart: boolean): void {
    ip(`link set ${this.#names.outside(site)} ${apart ? 'down' : 'up'}`);
  }

  /** No packet passes between these two. */
  disconnect(one: number, other: number, apart: boolean): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const namespace = this.#names.namespace(from);
      ip(`-n ${namespace} route ${apart ? 'add' : 'del'} blackhole ${this.host(to)}/32`);
    }
  }

  async close(): Promise<void> {
    this.#names.remove();
  }
}

/** One that no bridge of this machine has, looked for from a place of this run's own. */
function freeSubnet(): string | undefined {
  const used = ipSays('-o -4 addr show');
  for (let i = 0; i < MOST_RUNS; i++) {
    const subnet = `${SUBNETS}.${(process.pid + i) % MOST_RUNS}`;
    if (!used.includes(` ${subnet}.`)) return subnet;
  }
  return undefined;
}

function addSite(names: Names, subnet: string, site: number): boolean {
  const namespace = names.namespace(site);
  const [outside, inside] = [names.outside(site), names.inside(site)];
  return (
    ip(`netns add ${namespace}`) &&
    ip(`link add ${outside} type veth peer name ${inside} netns ${namespace}`) &&
    ip(`link set ${outside} master ${names.bridge} up`) &&
    ip(`-n ${namespace} link set lo up`) &&
    ip(`-n ${namespace} addr add ${subnet}.${site + 1}/24 dev ${inside}`) &&
    ip(`-n ${namespace} link set ${inside} up`)
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
