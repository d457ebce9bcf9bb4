import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import type { Backend } from '@iotw/api/backend';
import { startApi } from '@iotw/api/server';
import { toHex } from '@iotw/kernel/bytes';
import { fail } from '@iotw/kernel/result';
import { StoredHistory } from '@iotw/nodes/ledger-server/stored-history';
import { encodeAddress } from '@iotw/protocol/address';
import { type AskOrder, type AskResult, KINDS } from './history-asker.js';
import { HISTORY, type History, writeHistory } from './support/history-ledger.js';
import { giveUp, note, report } from './support/report.js';
import { quantile } from './support/statistics.js';

/**
 * The index behind the explorer with 10 million transactions: how long it takes to build it from the stored rounds, and
 * how long search, history and look-ups take over HTTP while four clients ask. `--transactions N` for less.
 */
const TRANSACTIONS = 10_000_000;
const CLIENTS = 4;
const ASKS_OF_A_KIND = 5_000;
const LIMIT_MS = 50;
const LOOK_MS = 100;

const at = process.argv.indexOf('--transactions');
const wanted = at < 0 ? TRANSACTIONS : Number(process.argv[at + 1]);
const dir = mkdtempSync(join(tmpdir(), 'iotw-history-'));
const store = await opened('ledger');
const indexStore = await opened('index');
let began = performance.now();
const history = await writeHistory(store, wanted);
note(`${history.rounds} rounds written in ${seconds()} s`);

began = performance.now();
const started = await startApi({
  backend: backendOf(history),
  listen: { host: '127.0.0.1', port: 0 },
  indexStore,
});
if (!started.ok) giveUp(started.error.message);
const api = started.value;
while (api.index.status.state === 'behind') await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
const { state, entries, segments, fault } = api.index.status;
if (state !== 'current') giveUp(`the index has failed: ${fault}`);
const buildSeconds = seconds();
note(`indexed in ${buildSeconds} s: ${entries} entries in ${segments} segments`);

const figures: Record<string, number> = {};
let slowest = 0;
for (const kind of KINDS) {
  const times = await asked(kind);
  figures[`${kind}P50Ms`] = quantile(times, 0.5);
  figures[`${kind}P99Ms`] = quantile(times, 0.99);
  note(`${kind}: p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms`);
  slowest = Math.max(slowest, quantile(times, 0.99));
}
await api.close();
await store.close();
await indexStore.close();
await rm(dir, { recursive: true, force: true });
report({
  bench: 'index',
  figures: {
    ...{ transactions: history.transactions, rounds: history.rounds, buildSeconds },
    ...{ indexedPerSecond: history.transactions / buildSeconds, entries, segments },
    ...figures,
    slowestP99Ms: slowest,
  },
  limit: { p99Ms: LIMIT_MS },
  ratio: slowest / LIMIT_MS,
  conditions: {
    ...{ accounts: HISTORY.accounts, devices: HISTORY.devices, clients: CLIENTS },
    blocks: `${HISTORY.blockTransactions} transactions, ${HISTORY.lanes} in a round`,
    asked: `${ASKS_OF_A_KIND} of each kind over HTTP, keep-alive, the server's and the clients' threads on the same cores`,
    longestHistory: `one account is paid by one transaction in ${HISTORY.toShop}`,
    signatures: 'of transactions, answers and votes: random bytes, which the index does not read',
  },
});
process.exit(0);

function seconds(): number {
  return Math.round((performance.now() - began) / 100) / 10;
}

async function opened(name: string) {
  const result = await openLmdbStore({ path: join(dir, name) });
  if (!result.ok) giveUp(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

/** A ledger server that reads alone. */
function backendOf({ ledger }: History): Backend {
  return {
    network: ledger.network,
    genesis: ledger.genesis,
    ledger,
    kept: { first: 1, left: 0 },
    engineCommits: undefined,
    submit: async () => fail('node-stopping', 'This server answers questions alone.'),
    history: new StoredHistory(store),
    onRound: () => () => undefined,
    status: () => ({
      ...{ roles: ['ledger'], ready: true, trustNodes: [], verifying: 0, peers: [] },
      commits: { commits: 0, waitedMs: 0 },
    }),
  };
}

/** Milliseconds of each answer, all clients together. */
async function asked(kind: (typeof KINDS)[number]): Promise<readonly number[]> {
  const shared = { url: api.url, kind, asks: ASKS_OF_A_KIND / CLIENTS };
  const addresses = Array.from({ length: 2_000 }, (_, i) => {
    return encodeAddress('tiotw', 0, history.keys[i % 20 === 0 ? 0 : i * 47]!);
  });
  const results = await Promise.all(
    Array.from({ length: CLIENTS }, (_, client) => {
      const order: AskOrder = {
        ...shared,
        client,
        ids: history.ids.map(toHex),
        hashes: history.hashes.map(toHex),
        addresses,
      };
      return new Promise<AskResult>((resolve, reject) => {
        const worker = new Worker(new URL('./history-asker.js', import.meta.url), { workerData: order });
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    }),
  );
  const wrong = results.flatMap(({ wrong: each }) => each);
  if (wrong.length > 0) giveUp(`${wrong.length} answers were not what was asked for: ${wrong[0]}`);
  return results.flatMap(({ times }) => times);
}
