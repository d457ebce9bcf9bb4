import { BenchNetwork, TRUST_NODES } from './support/bench-network.js';
import { diskProbe } from './support/disk-probe.js';
import { Load } from './support/load.js';
import { note, report } from './support/report.js';
import { median, quantile } from './support/statistics.js';

/** From submission to the durable receipt at a fixed rate of single transactions, beside what the disk alone does. */
const DEVICES = 1_000;
const PAYERS = 1_000;
const RATE = 500;
const RUN_MS = 40_000;
const WARM_MS = 10_000;
const WINDOW_MS = 2_000;

const network = new BenchNetwork({ devices: DEVICES, payers: PAYERS });
await network.startNode();
await network.startFleet(0, DEVICES);
const load = await Load.start(network, {
  payers: PAYERS,
  transactions: ((RUN_MS + WARM_MS) / 1_000) * RATE + RATE,
  transfersEach: 1,
  firstSequence: 1,
  batch: 1,
});
note('network up; warming');
await load.ask(`open ${RATE} ${WARM_MS}`, 'open');
const probeBefore = diskProbe(network.dir);
const before = await network.ask('figures', 'figures');
const run = await load.ask(`open ${RATE} ${RUN_MS}`, 'open');
const after = await network.ask('figures', 'figures');
const probe = diskProbe(network.dir);
await load.stop();
await network.close();
const latencies = run.latencies as { readonly atMs: number; readonly ms: number }[];
const windows = new Map<number, number[]>();
for (const { atMs, ms } of latencies) {
  const window = Math.floor(atMs / WINDOW_MS);
  windows.set(window, [...(windows.get(window) ?? []), ms]);
}
const all = latencies.map(({ ms }) => ms);
const windowP99 = median([...windows.values()].map((window) => quantile(window, 0.99)));
const transactions = Number(after.transactions) - Number(before.transactions);
const blocks = Number(after.blocks) - Number(before.blocks);
report({
  bench: 'latency',
  figures: {
    finalityP50Ms: quantile(all, 0.5),
    finalityP99Ms: windowP99,
    finalityP99WholeRunMs: quantile(all, 0.99),
    ratePerSecond: (all.length * 1_000) / RUN_MS,
    devices: DEVICES,
    blocks,
    transactionsPerBlock: transactions / blocks,
    signaturesPerCertificate: 1 + 4 + TRUST_NODES,
    refused: Number(run.bad),
  },
  limit: {
    diskP50Ms: Math.min(probe.p50Ms, probeBefore.p50Ms),
    diskP99Ms: Math.max(probe.p99Ms, probeBefore.p99Ms),
  },
  ratio: quantile(all, 0.5) / Math.min(probe.p50Ms, probeBefore.p50Ms),
  conditions: {
    devices: DEVICES,
    trustNodes: TRUST_NODES,
    committee: '1 miner + 3 device witnesses, trust-node threshold 3 of 4',
    signatureModel: 'one Ed25519 signature per transaction (one transfer)',
    durable: true,
    entrance: 'HTTP, one transaction a request, wait=final, open loop',
    p99: 'median over 2 s windows',
  },
});
process.exit(0);
