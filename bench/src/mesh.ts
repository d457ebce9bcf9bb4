/**
 * Four ledger servers on CometBFT, four trust nodes and 500 devices as processes of one machine: `npm run bench:mesh`.
 * `-- --wan 75`: with so many milliseconds one way between the four sites. `-- --only latency`: that part alone, or
 * `throughput`, or `kvstore`. `-- --profile FOLDER`: V8's profile of every node there.
 */
import { parseArgs } from 'node:util';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { KvstoreMesh } from './mesh/kvstore.js';
import { MeshBench, PAYLOAD_BYTES } from './mesh/mesh-bench.js';
import { SITES } from './mesh/mesh-network.js';
import { giveUp, note, report } from './support/report.js';

const KVSTORE_MS = 10_000;
const KVSTORE_CONNECTIONS = 8;
/** Processes that check a transaction's signature: its lane's trust node and the four ledger servers. Witnesses check the root. */
const VERIFYING = SITES + 1;
const PARTS = ['latency', 'throughput', 'kvstore'];

const { values } = parseArgs({
  options: {
    wan: { type: 'string', default: '0' },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const { only, profile } = values;
const delayMs = Number(values.wan);
if (!Number.isInteger(delayMs) || delayMs < 0) giveUp('--wan takes whole milliseconds');
if (only !== undefined && !PARTS.includes(only)) giveUp(`--only takes one of ${PARTS.join(', ')}`);
const wants = (part: string): boolean => only === undefined || only === part;
const cometbft =
  cometBftForTests() ?? giveUp('no CometBFT: node tools/cometbft/install.mjs, or name it by IOTW_COMETBFT');

let figures: Record<string, number> = {};
let limit = Number.NaN;
if (wants('latency') || wants('throughput')) {
  const bench = await MeshBench.start({ cometbft, delayMs, ...(profile === undefined ? {} : { profile }) });
  note('network up');
  if (wants('latency')) figures = { ...figures, ...(await bench.latency()) };
  if (wants('throughput')) {
    const singles = await bench.singles();
    limit = singles.limit / VERIFYING;
    figures = { ...figures, ...singles.figures, transfersPerSecondAt256: await bench.transfers() };
  }
  await bench.close();
}
if (wants('kvstore')) {
  note("CometBFT's kvstore");
  const kvstore = new KvstoreMesh();
  await kvstore.start(cometbft);
  const beside = await kvstore.measure(PAYLOAD_BYTES, KVSTORE_MS, KVSTORE_CONNECTIONS);
  await kvstore.close();
  figures.kvstoreTransactionsPerSecond = beside.transactionsPerSecond;
  figures.kvstoreCpuUsPerTransaction = 1e6 * beside.cpuSecondsPerTransaction;
  figures.kvstoreTransactionsPerBlock = beside.transactionsPerBlock;
}
const rate = figures.transactionsPerSecond ?? Number.NaN;
if (only === undefined) figures.overKvstore = rate / figures.kvstoreTransactionsPerSecond!;
report({
  bench: delayMs === 0 ? 'mesh' : 'mesh-wan',
  figures,
  limit: { verifyLimitOverVerifiersPerSecond: limit },
  ratio: rate / limit,
  conditions: {
    ...MeshBench.conditions,
    delayMs,
    verifying: `every signature by ${VERIFYING} processes: its lane's trust node and the four ledger servers (the one that took it in checks it once)`,
  },
});
process.exit(0);
