import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { startWorkerPool } from '@iotw/adapters/verify/worker-pool';
import { Child, type ChildLine } from '@iotw/cli/devnet/child';
import { auditLedger } from '@iotw/cli/node/audit-ledger';
import { readGenesisFile } from '@iotw/cli/node/genesis-file';
import { storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { networkId } from '@iotw/protocol/genesis';
import { unpaidAnswers } from './support/paid-answers.js';
import { processTree, pssBytes } from './support/process-figures.js';
import { giveUp, note, report } from './support/report.js';

/**
 * The main job as a stranger runs it: `iotw devnet` with its defaults on a fresh directory. Waits until every
 * replayable invoice is final and another epoch has ended, stops it with Ctrl-C's signal, and audits what is on disk.
 */
const CLI = fileURLToPath(import.meta.resolve('@iotw/cli/main'));
const MEMORY_EVERY_MS = 500;
const LIMIT_BYTES = 700 * 1_000_000;
const MOST_MS = 150_000;

const dir = mkdtempSync(join(tmpdir(), 'iotw-main-job-'));
const began = performance.now();
const devnet = new Child('devnet', CLI, [
  'devnet',
  '--json',
  '--dir',
  dir,
  '--api-port',
  '0',
  '--mqtt-port',
  '0',
  ...process.argv.slice(2),
]);
let status: ChildLine | undefined;
let finishedAtEpoch: number | undefined;
let firstFinalSeconds: number | undefined;
devnet.onLine((line) => {
  if (line.kind !== 'status') return;
  status = line;
  const orders = line.orders as { readonly state: string; readonly trades: number } | undefined;
  if (orders !== undefined && orders.trades > 0) firstFinalSeconds ??= (performance.now() - began) / 1_000;
  if (orders?.state === 'finished') finishedAtEpoch ??= Number(line.epoch);
});
const ready = await devnet.first('ready');
if (!ready.ok) giveUp(`${ready.error.code}: ${ready.error.message}`);
const apiUrl = String(ready.value.apiUrl);
while (!(await fetch(`${apiUrl}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
const readySeconds = (performance.now() - began) / 1_000;
note(`/readyz after ${readySeconds.toFixed(1)} s`);
let peakPss = 0;
while (performance.now() - began < MOST_MS) {
  await new Promise((resolve) => setTimeout(resolve, MEMORY_EVERY_MS));
  peakPss = Math.max(peakPss, treePss(devnet.process.pid!));
  if (finishedAtEpoch !== undefined && Number(status?.epoch) > finishedAtEpoch + 1) break;
}
if (finishedAtEpoch === undefined || status === undefined) giveUp('the orders did not end in time');
const orders = status.orders as {
  readonly invoicesDone: number;
  readonly invoicesTotal: number;
  readonly trades: number;
  readonly refunds: number;
  readonly failures: Record<string, number>;
  readonly notReplayed: Record<string, number>;
};
await devnet.stop(20_000);
const genesis = await readGenesisFile(join(dir, 'genesis.json'));
if (!genesis.ok) giveUp(genesis.error.message);
const store = await openLmdbStore({ path: join(dir, 'node', 'ledger') });
if (!store.ok) giveUp(store.error.message);
const verifier = startWorkerPool({ network: networkId(genesis.value) });
const audit = await auditLedger(storedRounds(store.value), genesis.value, verifier, () => {});
if (!audit.ok) giveUp(`${audit.error.code}: ${audit.error.message}`);
const answers = unpaidAnswers(store.value, genesis.value.parameters);
await verifier.close();
await store.value.close();
await rm(dir, { recursive: true, force: true });
report({
  bench: 'main',
  figures: {
    readySeconds,
    firstFinalSeconds: firstFinalSeconds ?? Number.NaN,
    invoicesFinal: orders.invoicesDone,
    invoicesReplayable: orders.invoicesTotal,
    trades: orders.trades,
    refunds: orders.refunds,
    failures: Object.values(orders.failures).reduce((sum, count) => sum + count, 0),
    linesNotReplayed: Object.values(orders.notReplayed).reduce((sum, count) => sum + count, 0),
    supplyBaseUnits: audit.value.supply,
    transactionsAudited: audit.value.transactions,
    answersPaid: answers.paid,
    answersUnpaid: answers.unpaid,
    peakPssMegabytes: peakPss / 1_000_000,
  },
  limit: { pssMegabytes: LIMIT_BYTES / 1_000_000, readySeconds: 20 },
  ratio: peakPss / LIMIT_BYTES,
  conditions: {
    devices: Number((status.devices as { registered: number }).registered),
    signatureModel: 'one Ed25519 signature per invoice',
    durable: true,
    orders: 'the sample in data/online-retail, 10 invoices a second',
    memory: 'proportional set size of the devnet and its fleet together, sampled twice a second',
  },
});
process.exit(0);

/** PSS of a process and its children, bytes. */
function treePss(pid: number): number {
  return processTree(pid).reduce((sum, member) => sum + pssBytes(member), 0);
}
