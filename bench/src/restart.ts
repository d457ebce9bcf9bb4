import { join } from 'node:path';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { startWorkerPool } from '@iotw/adapters/verify/worker-pool';
import { auditLedger } from '@iotw/cli/node/audit-ledger';
import { storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { applyMicroseconds } from './support/apply-alone.js';
import { BenchNetwork, TRUST_NODES } from './support/bench-network.js';
import { Load } from './support/load.js';
import { threadCpuUs } from './support/process-figures.js';
import { giveUp, note, report } from './support/report.js';
import { median } from './support/statistics.js';
import { verifyLimit } from './support/verify-limit.js';

/**
 * 1,000,000 single transfers, then kill -9: time until the node is ready again from snapshot and replay; the
 * full signature audit against the verify limit; CPU per transaction at 10^4 and at 10^6 accounts.
 */
const DEVICES = 1_000;
const PAYERS = 10_000;
const MANY_ACCOUNTS = 1_000_000;
const HALF = 500_000;
const CONNECTIONS = 24;
const WINDOW_MS = 1_500;
const LIMIT_MS = 800;

const cpuUs = (pid: number) => [...threadCpuUs(pid).values()].reduce((sum, us) => sum + us, 0);

interface Measured {
  /** Microseconds of node CPU per transaction. */
  readonly us: number;
  /** The same in verifications as the machine did them just before and after: its speed drifts by tenths. */
  readonly inVerifications: number;
}

/**
 * Runs a prepared load to its end, in windows with a verify limit between them; the medians. So neither drift of the
 * machine counts, nor code that was cold at the beginning.
 */
async function measured(load: Load, pid: number): Promise<Measured> {
  const windows: Measured[] = [];
  let limitBefore = await verifyLimit(2, LIMIT_MS);
  for (let left = true; left; ) {
    const before = cpuUs(pid);
    const done = await load.ask(`closed ${WINDOW_MS} ${CONNECTIONS}`, 'closed');
    const limit = await verifyLimit(2, LIMIT_MS);
    // What the node does behind its answers, indexes for one, belongs to the window.
    const us = (cpuUs(pid) - before) / Number(done.ok);
    left = Number(done.left) > 0;
    // The last is cut short.
    if (left) windows.push({ us, inVerifications: (us * (limitBefore + limit)) / 4_000_000 });
    limitBefore = limit;
  }
  const of = (part: keyof Measured) => median(windows.map((window) => window[part]));
  note(`${windows.length} windows: ${windows.map(({ us }) => us.toFixed(1)).join(', ')} us`);
  return { us: of('us'), inVerifications: of('inVerifications') };
}

const network = new BenchNetwork({ devices: DEVICES, payers: PAYERS });
const pid = Number((await network.startNode()).pid);
await network.startFleet(0, DEVICES);
const plan = { payers: PAYERS, transactions: HALF, transfersEach: 1, batch: 256 };
const few = await Load.start(network, { ...plan, firstSequence: 1 });
const cpuFew = await measured(few, pid);
note(`${HALF} transactions over ${PAYERS} accounts: ${cpuFew.us.toFixed(1)} us of CPU each`);
await few.ask(`accounts ${MANY_ACCOUNTS - PAYERS} ${1 + HALF / PAYERS}`, 'accounts');
await few.stop();
const { round: openedAt, accounts } = await network.ask('accounts', 'accounts');
note(`${accounts} accounts at round ${openedAt}`);
const many = await Load.start(network, {
  ...plan,
  firstSequence: 2 + HALF / PAYERS,
  recipients: { first: Number(accounts) - MANY_ACCOUNTS, count: MANY_ACCOUNTS },
});
const cpuMany = await measured(many, pid);
note(`${HALF} transactions over ${MANY_ACCOUNTS} accounts: ${cpuMany.us.toFixed(1)} us of CPU each`);
await many.stop();
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
const auditPerSecond = (audit.value.transactions * 1_000) / (performance.now() - began);
await verifier.close();
await store.value.close();
await network.close();
const auditLimit = (limit + (await verifyLimit(2, 3_000))) / 2;
const apply = applyMicroseconds(MANY_ACCOUNTS);
report({
  bench: 'restart',
  figures: {
    restartSeconds: Number(restarted.startMs) / 1_000,
    transactions: audit.value.transactions,
    growthPercent: (cpuMany.inVerifications / cpuFew.inVerifications - 1) * 100,
    growthPercentUncorrected: (cpuMany.us / cpuFew.us - 1) * 100,
    cpuMicrosecondsAt10000Accounts: cpuFew.us,
    cpuMicrosecondsAt1000000Accounts: cpuMany.us,
    applyMicrosecondsAt1000000Accounts: apply,
    auditPerSecond,
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
      'CPU of the whole node process per transaction, verification included, median of windows of 1.5 s, each held against the verify limit before and after it',
  },
});
process.exit(0);
