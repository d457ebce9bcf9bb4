import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Prng } from '@iotw/kernel/prng';
import { pause, within } from '../durability/node-run.js';
import { processTree } from '../support/process-figures.js';
import { type MeshNetwork, SITES } from './mesh-network.js';
import type { NamespaceWiring } from './namespaces.js';

export const KINDS = [
  'kill',
  'kill-cometbft',
  'kill-trust-node',
  'pause',
  'restart',
  'partition',
  'disconnect',
  'full-disk',
] as const;
export type Kind = (typeof KINDS)[number];

/** One thing that happens to one of the sites, for so long. */
export interface Perturbation {
  readonly kind: Kind;
  readonly site: number;
  /** The other end of a line that is cut. */
  readonly other: number;
  readonly ms: number;
}

const LEAST_MS = 500;
const MOST_MS = 4_000;
const GRACE_MS = 15_000;
/** What a server without room may take to end, and one that has room again by then. */
const FULL_MS = 8_000;
const LATE_MS = 1_000;
const CHUNK = Buffer.alloc(1_048_576);

/** Every kind as often as any other, in an order that comes from the seed. */
export function planOf(count: number, kinds: readonly Kind[], prng: Prng): Perturbation[] {
  const plan = Array.from({ length: count }, (_, i): Perturbation => {
    const site = prng.below(SITES);
    return {
      kind: kinds[i % kinds.length]!,
      site,
      other: (site + 1 + prng.below(SITES - 1)) % SITES,
      ms: LEAST_MS + prng.below(MOST_MS - LEAST_MS),
    };
  });
  for (let i = plan.length - 1; i > 0; i--) {
    const j = prng.below(i + 1);
    [plan[i], plan[j]] = [plan[j]!, plan[i]!];
  }
  return plan;
}

/** Does it, waits, and begins to heal it; resolves when healing has begun, with that moment (ms of performance.now()). */
export async function perturb(
  { kind, site, other, ms }: Perturbation,
  mesh: MeshNetwork,
  wiring: NamespaceWiring | undefined,
): Promise<number> {
  const ledger = mesh.ledgers[site]!;
  let healedMs = 0;
  const healing = (): void => {
    healedMs = performance.now();
  };
  const again = async (): Promise<void> => {
    await ledger.ended;
    await pause(ms);
    healing();
    void mesh.startLedger(site);
  };
  switch (kind) {
    case 'kill':
      ledger.process.kill('SIGKILL');
      await again();
      break;
    case 'restart':
      await ledger.stop(GRACE_MS);
      await again();
      break;
    case 'kill-cometbft':
      // Its ledger server starts it again by itself.
      process.kill(cometbftOf(mesh, site), 'SIGKILL');
      healing();
      break;
    case 'kill-trust-node':
      mesh.trustNodes[site]!.process.kill('SIGKILL');
      await mesh.trustNodes[site]!.ended;
      await pause(ms);
      healing();
      void mesh.startTrustNode(site);
      break;
    case 'pause': {
      const paused = processTree(ledger.process.pid!);
      for (const pid of paused) process.kill(pid, 'SIGSTOP');
      await pause(ms);
      healing();
      for (const pid of paused) process.kill(pid, 'SIGCONT');
      break;
    }
    case 'partition':
      wiring!.partition(site, true);
      await pause(ms);
      healing();
      wiring!.partition(site, false);
      break;
    case 'disconnect':
      wiring!.disconnect(site, other, true);
      await pause(ms);
      healing();
      wiring!.disconnect(site, other, false);
      break;
    case 'full-disk': {
      const filler = join(mesh.ledgerDir(site), 'filler');
      fill(filler);
      // As a rule it ends by itself. But where its CometBFT found no room first, that one is started again and again until
      // there is some, and the ledger server has nothing to write.
      await within(ledger.ended, FULL_MS);
      await pause(ms);
      rmSync(filler);
      healing();
      if ((await within(ledger.ended, LATE_MS)) !== undefined) void mesh.startLedger(site);
      break;
    }
  }
  return healedMs;
}

function cometbftOf(mesh: MeshNetwork, site: number): number {
  return Number(readFileSync(join(mesh.ledgerDir(site), 'cometbft', 'cometbft.pid'), 'utf8'));
}

/** Takes all the room that there is. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, CHUNK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}
