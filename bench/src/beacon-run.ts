/**
 * The threshold beacon on real processes: `node bench/dist/beacon-run.js --epochs N`. Four ledger servers open that many epochs with
 * seeds of their common key; one is killed a third of the way and started again a third later. The last line counts.
 */
import { parseArgs } from 'node:util';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { Findings } from './durability/findings.js';
import { pause } from './durability/node-run.js';
import { MeshNetwork, SITES } from './mesh/mesh-network.js';
import { LocalWiring } from './mesh/wiring.js';
import { giveUp } from './support/report.js';
import { quantile } from './support/statistics.js';

const EPOCH_MS = 500;
const DEVICES = 16;
const LOOK_MS = 250;
const VICTIM = 2;
/** An epoch that opens so much later than it may has missed. */
const MISS_MS = 10_000;
/** Without another epoch for so long the run has failed. */
const STUCK_MS = 120_000;

const { values } = parseArgs({ options: { epochs: { type: 'string', default: '200' } } });
const epochs = Number(values.epochs);
if (!Number.isSafeInteger(epochs) || epochs < 3) giveUp('--epochs takes a whole number from 3 on');
const cometbft = cometBftForTests();
if (cometbft === undefined) {
  console.log('skipped: no CometBFT, so no beacon of processes: node tools/cometbft/install.mjs');
  console.log('0 passed, 0 failed, 1 skipped');
  process.exit(0);
}

interface Opening {
  readonly epoch: number;
  readonly timeMs: number;
  readonly seed: string;
  readonly seedSource: string;
}

const mesh = await MeshNetwork.make({
  cometbft,
  wiring: new LocalWiring(),
  devices: DEVICES,
  payers: 1,
  parameters: { epochMs: EPOCH_MS },
});
const started = await mesh.start();
if (!started.ok) giveUp(`${started.error.code}: ${started.error.message}`);

async function get<T>(server: number, path: string): Promise<T | undefined> {
  try {
    const response = await fetch(`${mesh.apiUrls[server]}${path}`);
    return response.ok ? ((await response.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}

/** Rounds of a server that opened an epoch, as they come; the epochs by their number. */
class Openings {
  readonly seen: Opening[] = [];
  #round = 0;
  constructor(readonly server: number) {}

  async look(): Promise<void> {
    for (;;) {
      const round = await get<Opening & { readonly opensEpoch: boolean }>(
        this.server,
        `/v1/rounds/${this.#round + 1}`,
      );
      if (round === undefined) return;
      this.#round += 1;
      if (round.opensEpoch) this.seen.push(round);
    }
  }
}

/** Follows until that many epochs have opened. */
async function follow(openings: Openings, count: number): Promise<boolean> {
  let lastMs = performance.now();
  while (openings.seen.length < count) {
    const before = openings.seen.length;
    await openings.look();
    if (openings.seen.length > before) lastMs = performance.now();
    else if (performance.now() - lastMs > STUCK_MS) return false;
    else await pause(LOOK_MS);
  }
  return true;
}

const findings = new Findings();
const openings = Array.from({ length: SITES }, (_, server) => new Openings(server));
const first = openings[0]!;
const third = Math.floor(epochs / 3);
const stuck = `no epoch for ${STUCK_MS} ms`;
const alone = await follow(first, third);
findings.add({ name: `${third} epochs with four members`, wrong: alone ? [] : [stuck] });
mesh.ledgers[VICTIM]!.process.kill('SIGKILL');
await mesh.ledgers[VICTIM]!.ended;
const without = await follow(first, 2 * third);
findings.add({
  name: `epochs up to ${2 * third} without one that was killed`,
  wrong: without ? [] : [stuck],
});
const again = await mesh.startLedger(VICTIM);
findings.add({ name: 'it starts again', wrong: again.ok ? [] : [again.error.message] });
const together = await follow(first, epochs);
findings.add({ name: `epochs up to ${epochs} with it`, wrong: together ? [] : [stuck] });
const everybody = await Promise.all(openings.map((one) => follow(one, epochs)));
const seeds = openings.map(({ seen }) =>
  seen
    .slice(0, epochs)
    .map(({ seed }) => seed)
    .join(),
);
findings.add({
  name: 'the same seeds at all four',
  wrong: everybody.every(Boolean) && new Set(seeds).size === 1 ? [] : ['they differ, or one is behind'],
});
await mesh.close();
const sources = new Set(first.seen.map(({ seedSource }) => seedSource));
findings.add({
  name: "every seed is the common key's",
  wrong: sources.size === 1 && sources.has('threshold') ? [] : [`seeds of ${[...sources].join(', ')}`],
});
const waits = first.seen.slice(1).map(({ timeMs }, i) => timeMs - first.seen[i]!.timeMs - EPOCH_MS);
const missed = waits.filter((ms) => ms > MISS_MS).length;
findings.add({
  name: `waits behind the due time: p50 ${quantile(waits, 0.5)} ms, p99 ${quantile(waits, 0.99)} ms, most ${quantile(waits, 1)} ms`,
  wrong: missed === 0 ? [] : [`${missed} epochs missed`],
});
console.log(findings.lastLine);
process.exit(findings.failed > 0 ? 1 : 0);
