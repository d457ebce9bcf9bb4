import { BenchNetwork, TRUST_NODES } from './support/bench-network.js';
import { Load } from './support/load.js';
import { threadCpuUs } from './support/process-figures.js';
import { note, report } from './support/report.js';
import { verifyLimit } from './support/verify-limit.js';

/**
 * CPU of the node process per transaction, stage by stage, in blocks of 256. Threads by the kernel's own
 * accounting (schedstat); the two that ran most beside the main thread are the verify workers. A second window
 * runs under a sampling profiler, which divides the main thread's figure among its stages.
 *
 * The node is warm before: code that runs once a block is compiled only after hundreds of thousands of
 * transactions, and the compiler's threads would count as helpers though they do it once in a process' life.
 */
const DEVICES = 1_000;
const PAYERS = 10_000;
const WARM_TRANSACTIONS = 800_000;
const WARM_TURN_MS = 2_000;
const WARM_TURNS = 60;
const WINDOW_MS = 12_000;
const PROFILE_MS = 6_000;
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
  transactions: 1_536_000,
  transfersEach: 1,
  firstSequence: 1,
  batch: 256,
});
note('network up; warming');
let warm = 0;
for (let turn = 0; turn < WARM_TURNS && warm < WARM_TRANSACTIONS; turn++) {
  await load.ask(`closed ${WARM_TURN_MS} ${CONNECTIONS}`, 'closed');
  warm = Number((await network.ask('figures', 'figures')).transactions);
}

/** CPU of each thread and the node's counts over one window of load. */
async function measure(ms: number) {
  const before = threadCpuUs(pid);
  const counted = await network.ask('figures', 'figures');
  const sent = await load.ask(`closed ${ms} ${CONNECTIONS}`, 'closed');
  const after = threadCpuUs(pid);
  const figures = await network.ask('figures', 'figures');
  if (Number(sent.left) === 0) note('the load generator ran dry: the window was shorter');
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
  return { transactions, blocks, main, verification, helpers };
}

const { transactions, blocks, main, verification, helpers } = await measure(WINDOW_MS);
await network.ask('profile', 'profiling');
const watched = await measure(PROFILE_MS);
const profile = await network.ask('profiled', 'profile');
await load.stop();
await network.close();
const limit = await verifyLimit(2, 2_000);
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
    otherMicrosecondsUnderProfiler: (watched.main + watched.helpers) / watched.transactions,
    warmTransactions: warm,
    electionSharePercent:
      (100 * Number(profile.electionShare) * watched.main) /
      (watched.main + watched.helpers + watched.verification),
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
    electionShare:
      'draws, tickets, answers, votes, misses and certificate checks over the CPU of the whole process; at most 10',
    process: 'the node process only; fleet and load generator are processes of their own',
    warm: 'the node has applied warmTransactions before: compiling its code is not part of the figure',
    profiler: 'the stages are shares of a window of their own, under a sampling profiler',
  },
});
process.exit(0);
