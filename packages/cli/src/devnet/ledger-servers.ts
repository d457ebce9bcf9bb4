import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@iotw/adapters/free-ports';
import { toHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import type { NodeConfig, NodeKeys } from '../node/node-config.js';
import { Child, type ChildLine } from './child.js';
import { devnetSeed } from './devnet-keys.js';

const HOST = '127.0.0.1';
const GRACE_MS = 10_000;
/** Pause before a ledger server that ended is started again, ms. */
const PAUSE_MS = 1_000;
const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));

/** Where the ledger servers of a devnet meet: of each its links' port and its CometBFT's. */
interface Places {
  readonly links: readonly number[];
  readonly cometbft: readonly number[];
}

/** The ports of this start: nobody outside has to know them. */
export async function findPlaces(ledgerServers: number): Promise<Places> {
  const ports = await freePorts(HOST, 2 * ledgerServers);
  return { links: ports.slice(0, ledgerServers), cometbft: ports.slice(ledgerServers) };
}

/** What a ledger server's configuration has beside a lonely one's: it dials the servers before it. */
function together(index: number, { links, cometbft }: Places): Pick<NodeConfig, 'mesh' | 'cometbft'> {
  return {
    mesh: [
      {
        self: `ledger:${index}`,
        listen: { host: HOST, port: links[index]! },
        peers: links.slice(0, index).map((port, i) => ({ peer: `ledger:${i}`, host: HOST, port })),
      },
    ],
    cometbft: {
      listen: { host: HOST, port: cometbft[index]! },
      peers: cometbft.flatMap((port, server) => (server === index ? [] : [{ server, host: HOST, port }])),
    },
  };
}

/** The same for the process that also has the trust nodes: each dials the ledger servers of other processes. */
export function firstTogether(places: Places, trustNodes: number): Pick<NodeConfig, 'mesh' | 'cometbft'> {
  const first = together(0, places);
  const others = places.links.slice(1).map((port, i) => ({ peer: `ledger:${i + 1}`, host: HOST, port }));
  const trust = Array.from({ length: trustNodes }, (_, t) => ({ self: `trust:${t}`, peers: others }));
  return { ...first, mesh: [...first.mesh!, ...trust] };
}

/** Ledger servers 1, 2 ... of a devnet, each a process of its own; server 0 is in the devnet's process. */
export class LedgerServers {
  readonly #dir: string;
  readonly #children = new Map<number, Child>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopping = false;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Writes their files and starts them. Errors: `child-ended`. */
  static async start(dir: string, seed: Uint8Array, places: Places): Promise<Result<LedgerServers>> {
    const servers = new LedgerServers(dir);
    const started: Promise<Result<ChildLine>>[] = [];
    for (let index = 1; index < places.links.length; index++) {
      await servers.#write(index, seed, places);
      // Asked for at once: a line that nobody waits for is gone.
      started.push(servers.#begin(index).first('ready'));
    }
    const failed = (await Promise.all(started)).find((ready) => !ready.ok);
    if (failed === undefined || failed.ok) return ok(servers);
    await servers.stop();
    return failed;
  }

  /** A sentence where not all of them run. */
  get notice(): string | undefined {
    if (this.#timers.size === 0) return undefined;
    return `${this.#timers.size} of the ledger servers' processes ended and start again`;
  }

  async #write(index: number, seed: Uint8Array, places: Places): Promise<void> {
    const hex = (label: string): string => toHex(devnetSeed(seed, label, index));
    const keys: NodeKeys = {
      trust: [],
      ledger: { index, seed: hex('ledger'), vrfSeed: hex('vrf'), linkSeed: hex('ledger-link') },
    };
    const config: NodeConfig = {
      data: join(this.#dir, `ledger-${index}`),
      genesis: join(this.#dir, 'genesis.json'),
      keys: join(this.#dir, `ledger-${index}-keys.json`),
      roles: ['ledger'],
      mqtt: [],
      ...together(index, places),
      verifyWorkers: 1,
    };
    await writeFile(config.keys, JSON.stringify(keys), { mode: 0o600 });
    await writeFile(this.#configPath(index), JSON.stringify(config, undefined, 2), { mode: 0o600 });
  }

  #configPath(index: number): string {
    return join(this.#dir, `ledger-${index}.json`);
  }

  #begin(index: number): Child {
    const words = ['node', '--config', this.#configPath(index), '--json', '--stdin-lifeline'];
    const child = new Child(`ledger server ${index}`, PROGRAM, words);
    this.#children.set(index, child);
    void child.ended.then(() => {
      if (this.#stopping || this.#children.get(index) !== child) return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#begin(index);
      }, PAUSE_MS);
      this.#timers.add(timer);
    });
    return child;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#children.values()].map((child) => child.stop(GRACE_MS)));
  }
}
