import { BenchNetwork, TRUST_NODES } from './support/bench-network.js';
import { Load } from './support/load.js';
import { threadCpuUs } from './support/process-figures.js';
import { note, report } from './support/report.js';
import { verifyLimit } from './support/verify-limit.js';

/**
 * CPU of the node process per transaction, stage by stage, in blocks of 256. Threads by the kernel's own
 * accounting (schedstat); the main thread is divided among its stages by a sampling profile of the same
 * window. The two threads that ran most beside the main thread are the verify workers.
 */
const DEVICES = 1_000;
const PAYERS = 10_000;
const WARM_MS = 4_000;
const WINDOW_MS = 12_000;
const CONNECTIONS = 12;

const network = new BenchNetwork({
  devices: DEVICES,
  payers: PAYERS,
  lanes: { blockTarget: 256, blockMost: 256 },
});
const ready = await network.startNode();
const pid = Number(ready.pid);
await network.startFleet(0, DEVICES);
const load = await Load.start(network, {
  payers: PAYERS,
  transactions: 520_000,
  transfersEach: 1,
  firstSequence: 1,
  batch: 256,
});
note('network up; warming');
await load.ask(`closed ${WARM_MS} ${CONNECTIONS}`, 'closed');
await network.ask('profile', 'profiling');
const before = threadCpuUs(pid);
const counted = await network.ask('figures', 'figures');
await load.ask(`closed ${WINDOW_MS} ${CONNECTIONS}`, 'closed');
const after = threadCpuUs(pid);
const figures = await network.ask('figures', 'figures');
const profile = await network.ask('profiled', 'profile');
await load.stop();
await network.close();
const limit = await verifyLimit(2, 2_000);
const transactions = Number(figures.transactions) - Number(counted.transactions);
const blocks = Number(figures.blocks) - Number(counted.blocks);
// The profiler's own thread is the bench's, not the product's.
const spent = [...after]
  .filter(([thread]) => !thread.startsWith('v8:Prof'))
  .map(([thread, us]) => [thread, us - (before.get(thread) ?? 0)] as const);
const main = spent.find(([thread]) => thread.startsWith('main/'))?.[1] ?? 0;
const others = spent.filter(([thread]) => !thread.startsWith('main/')).map(([, us]) => us);
others.sort((a, b) => b - a);
const verification = (others[0] ?? 0) + (others[1] ?? 0);
const helpers = others.slice(2).reduce((sum, us) => sum + us, 0);
const stages = Object.entries(profile.shares as Record<string, number>).map(
  ([stage, share]) => [`${stage}Microseconds`, (share * main) / transactions] as const,
);
const other = (main + helpers) / transactions;
report({
  bench: 'stages',
  figures: {
    otherMicrosecondsPerTransaction: other,
    mainThreadMicroseconds: main / transactions,
    storeAndHelperThreadsMicroseconds: helpers / transactions,
    verificationMicroseconds: verification / transactions,
    ...Object.fromEntries(stages),
    transactions,
    blocks,
    transactionsPerBlock: transactions / blocks,
    signaturesPerCertificate: 1 + 4 + TRUST_NODES,
  },
  limit: { budgetMicroseconds: 15, verifyLimitPerSecond: limit },
  ratio: other / 15,
  conditions: {
    devices: DEVICES,
    trustNodes: TRUST_NODES,
    committee: '1 miner + 3 device witnesses, trust-node threshold 3 of 4',
    signatureModel: 'one Ed25519 signature per transaction (one transfer)',
    durable: true,
    process: 'the node process only; fleet and load generator are processes of their own',
    profiler: 'a sampling profiler interrupts the main thread twice a millisecond and is part of its figure',
  },
});
process.exit(0);
