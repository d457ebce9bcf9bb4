import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { startWorkerPool } from '@iotw/adapters/verify/worker-pool';
import { Child } from '@iotw/cli/devnet/child';
import { auditLedger } from '@iotw/cli/node/audit-ledger';
import { storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { BenchNetwork, TRUST_NODES } from './support/bench-network.js';
import { Load } from './support/load.js';
import { threadCpuUs } from './support/process-figures.js';
import { giveUp, note, report } from './support/report.js';
import { median, quantile, sum } from './support/statistics.js';
import { verifyLimit } from './support/verify-limit.js';

/**
 * 2,100,000 single transfers (`--transactions`), then kill -9: time until the node is ready again from snapshot and replay; the
 * signatures that a full audit verifies (of transactions, certificates, votes, rounds) against the verify limit. CPU per
 * transaction at 10^4 and at 10^6 accounts: two networks alike but for their accounts, loaded in turns, so that no drift
 * of the machine comes between them.
 */
const DEVICES = 1_000;
const PAYERS = 10_000;
const MANY_ACCOUNTS = 1_000_000;
const WARM_TRANSACTIONS = 300_000;
const { values } = parseArgs({ options: { transactions: { type: 'string', default: '2100000' } } });
const TRANSACTIONS = Number(values.transactions);
if (!Number.isSafeInteger(TRANSACTIONS) || TRANSACTIONS <= WARM_TRANSACTIONS)
  giveUp(`--transactions takes a whole number above ${WARM_TRANSACTIONS}, as the first ones only warm up`);
const CONNECTIONS = 24;
const APPLY_PROGRAM = fileURLToPath(new URL('./apply-child.js', import.meta.url));
/** With the settling an epoch of the devnet: each window holds one edge, where the pages that changed are hashed and saved. */
const WINDOW_MS = 9_500;
const SETTLE_MS = 500;
const PLAN = { payers: PAYERS, transfersEach: 1, batch: 256, spread: 'even' } as const;

interface Side {
  readonly network: BenchNetwork;
  readonly pid: number;
  readonly load: Load;
  /** Microseconds of the node's CPU per transaction, window by window. */
  readonly windows: number[];
}

async function startNetwork(): Promise<{ readonly network: BenchNetwork; readonly pid: number }> {
  const network = new BenchNetwork({ devices: DEVICES, payers: PAYERS });
  const { pid } = await network.startNode();
  await network.startFleet(0, DEVICES);
  return { network, pid: Number(pid) };
}

/** A network whose payers pay each other. */
async function fewAccounts(): Promise<Side> {
  const { network, pid } = await startNetwork();
  const load = await Load.start(network, { ...PLAN, transactions: TRANSACTIONS, firstSequence: 1 });
  return { network, pid, load, windows: [] };
}

/** The same with a million accounts, which the payers have opened and pay. */
async function manyAccounts(): Promise<Side> {
  const { network, pid } = await startNetwork();
  const opener = await Load.start(network, { ...PLAN, transactions: 0, firstSequence: 1 });
  await opener.ask(`accounts ${MANY_ACCOUNTS - PAYERS} 1`, 'accounts');
  await opener.stop();
  const { round, accounts } = await network.ask('accounts', 'accounts');
  note(`${accounts} accounts at round ${round}`);
  const recipients = { first: Number(accounts) - MANY_ACCOUNTS, count: MANY_ACCOUNTS };
  const load = await Load.start(network, {
    ...PLAN,
    transactions: TRANSACTIONS,
    firstSequence: 2,
    recipients,
  });
  return { network, pid, load, windows: [] };
}

/** Loads one side for a while; undefined when its load ended before. */
async function window({ load, pid }: Side): Promise<number | undefined> {
  const cpuUs = () => [...threadCpuUs(pid).values()].reduce((sum, us) => sum + us, 0);
  const before = cpuUs();
  const done = await load.ask(`closed ${WINDOW_MS} ${CONNECTIONS}`, 'closed');
  // What the node does behind its answers, indexes for one, belongs to the window.
  await setTimeout(SETTLE_MS);
  return load.left > 0 ? (cpuUs() - before) / Number(done.ok) : undefined;
}

/** Runs both loads to their ends in turns, the one that begins changing too. */
async function inTurns(sides: readonly [Side, Side]): Promise<void> {
  for (const side of sides)
    while (side.load.left * PLAN.batch > TRANSACTIONS - WARM_TRANSACTIONS) await window(side);
  for (let turn = 0; sides.some(({ load }) => load.left > 0); turn++) {
    const us: (number | undefined)[] = [];
    for (const at of turn % 2 === 0 ? [0, 1] : [1, 0]) us[at] = await window(sides[at]!);
    const [first, second] = us;
    if (first === undefined || second === undefined) continue;
    sides[0].windows.push(first);
    sides[1].windows.push(second);
  }
}

const few = await fewAccounts();
const many = await manyAccounts();
await inTurns([few, many]);
await few.load.stop();
await many.load.stop();
await few.network.close();
const growth = many.windows.map((us, pair) => (us / few.windows[pair]! - 1) * 100);
note(
  `${growth.length} pairs of windows, growth of each: ${growth.map((each) => each.toFixed(1)).join(', ')}%`,
);
const { network } = many;
const last = await network.ask('figures', 'figures');
network.node.process.kill('SIGKILL');
await network.node.ended;
const restarted = await network.startNode();
if (Number(restarted.round) < Number(last.round))
  giveUp(`round ${last.round} was final, the restart is at ${restarted.round}`);
note(`ready after ${restarted.startMs} ms at round ${restarted.round}`);
await network.stopNode();
const limit = await verifyLimit(2, 3_000);
const store = await openLmdbStore({ path: join(network.dir, 'node', 'ledger') });
if (!store.ok) giveUp(store.error.message);
const verifier = startWorkerPool({ network: network.network, workers: 2 });
const began = performance.now();
const audit = await auditLedger(storedRounds(store.value), network.genesis, verifier, () => {});
if (!audit.ok) giveUp(`${audit.error.code}: ${audit.error.message}`);
const auditSeconds = (performance.now() - began) / 1_000;
const auditPerSecond = audit.value.signatures / auditSeconds;
await verifier.close();
await store.value.close();
await network.close();
const auditLimit = (limit + (await verifyLimit(2, 3_000))) / 2;
const applied = await new Child('apply', APPLY_PROGRAM, [String(MANY_ACCOUNTS)]).first('applied');
if (!applied.ok) giveUp(`${applied.error.code}: ${applied.error.message}`);
report({
  bench: 'restart',
  figures: {
    restartSeconds: Number(restarted.startMs) / 1_000,
    transactions: audit.value.transactions,
    growthPercent: (sum(many.windows) / sum(few.windows) - 1) * 100,
    growthPercentMedian: median(growth),
    growthPercentLowerQuartile: quantile(growth, 0.25),
    growthPercentUpperQuartile: quantile(growth, 0.75),
    pairsOfWindows: growth.length,
    cpuMicrosecondsAt10000Accounts: median(few.windows),
    cpuMicrosecondsAt1000000Accounts: median(many.windows),
    applyMicrosecondsAt1000000Accounts: Number(applied.value.microseconds),
    auditSignaturesPerSecond: auditPerSecond,
    auditTransactionsPerSecond: audit.value.transactions / auditSeconds,
    auditRatio: auditPerSecond / auditLimit,
  },
  limit: { restartSeconds: 3, verifyLimitPerSecond: auditLimit },
  ratio: Number(restarted.startMs) / 3_000,
  conditions: {
    devices: DEVICES,
    trustNodes: TRUST_NODES,
    committee: '1 miner + 3 device witnesses, trust-node threshold 3 of 4',
    signatureModel: 'one Ed25519 signature per transaction (one transfer)',
    durable: true,
    restart: 'kill -9, then process start to ready (genesis, store, snapshot, replay, MQTT, API)',
    growth:
      'CPU of the whole node process per transaction, verification included, every account paid alike often, over windows of a whole epoch in turns on two networks that differ in their accounts alone; merges of the index fall into some of them, so pairs scatter',
  },
});
process.exit(0);
