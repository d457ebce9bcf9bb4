import { BenchNetwork, TRUST_NODES } from './support/bench-network.js';
import { Load } from './support/load.js';
import { note, report } from './support/report.js';
import { median } from './support/statistics.js';
import { verifyLimit } from './support/verify-limit.js';

/**
 * Transactions per second from submission to the durable, final receipt: one transfer and one signature each,
 * as a ratio to what two cores can verify in the same run; and 256 transfers per signature.
 */
const DEVICES = 1_000;
const PAYERS = 10_000;
const BATCH_PAYERS = 1_000;
const SINGLES = 1_000_000;
const WINDOWS = 4;
const BATCH_WINDOWS = 3;
const BATCH_WINDOW_MS = 1_500;
const WINDOW_MS = 5_000;
const LIMIT_MS = 2_500;
const CONNECTIONS = 12;
/** Transactions in one request. */
const BATCH = 1_024;

const network = new BenchNetwork({ devices: DEVICES, payers: PAYERS });
await network.startNode();
await network.startFleet(0, DEVICES);
note('network up; signing');
const single = await Load.start(network, {
  payers: PAYERS,
  transactions: SINGLES,
  transfersEach: 1,
  firstSequence: 1,
  batch: BATCH,
});
await single.ask(`closed 8000 ${CONNECTIONS}`, 'closed');
const before = await network.ask('figures', 'figures');
const rates: number[] = [];
const limits: number[] = [];
let batchesLeft = 0;
for (let i = 0; i < WINDOWS; i++) {
  limits.push(await verifyLimit(2, LIMIT_MS));
  const window = await single.ask(`closed ${WINDOW_MS} ${CONNECTIONS}`, 'closed');
  batchesLeft = Number(window.left);
  rates.push((Number(window.ok) * 1_000) / Number(window.ms));
  note(`window ${i + 1}: ${Math.round(rates[i]!)} tx/s, limit ${Math.round(limits[i]!)}/s`);
}
limits.push(await verifyLimit(2, LIMIT_MS));
const after = await network.ask('figures', 'figures');
await single.stop();
const many = await Load.start(network, {
  payers: BATCH_PAYERS,
  transactions: 52_000,
  transfersEach: 256,
  // The ledger takes a sequence at most 64 above the highest used: go on where the singles stopped.
  firstSequence: 2 + Math.floor((SINGLES - batchesLeft * BATCH) / PAYERS),
  batch: 32,
});
await many.ask(`closed 1000 ${CONNECTIONS}`, 'closed');
const transfers: number[] = [];
for (let i = 0; i < BATCH_WINDOWS; i++) {
  const window = await many.ask(`closed ${BATCH_WINDOW_MS} ${CONNECTIONS}`, 'closed');
  transfers.push((Number(window.ok) * 256 * 1_000) / Number(window.ms));
  note(`window ${i + 1}: ${Math.round(transfers[i]!)} transfers/s at 256 a signature`);
}
await many.stop();
await network.close();
const transactions = Number(after.transactions) - Number(before.transactions);
const blocks = Number(after.blocks) - Number(before.blocks);
const rate = median(rates);
const limit = median(limits);
// The machine's speed drifts: each window is held against the limit just before and just after it.
const ratio = median(rates.map((perSecond, i) => (2 * perSecond) / (limits[i]! + limits[i + 1]!)));
report({
  bench: 'throughput',
  figures: {
    transactionsPerSecond: rate,
    verifyLimitPerSecond: limit,
    ratio,
    transfersPerSecondAt256: median(transfers),
    blocks,
    transactionsPerBlock: transactions / blocks,
    signaturesPerCertificate: 1 + 4 + TRUST_NODES,
  },
  limit: { verifyLimitPerSecond: limit },
  ratio,
  conditions: {
    devices: DEVICES,
    trustNodes: TRUST_NODES,
    committee: '1 miner + 3 device witnesses, trust-node threshold 3 of 4',
    signatureModel:
      'one Ed25519 signature per transaction (one transfer); 256 transfers per signature in the second figure',
    durable: true,
    payers: PAYERS,
    recipients: 'Zipf',
    entrance: 'HTTP binary batches of 1,024, wait=final',
  },
});
process.exit(0);
