// node tools/web/record.mjs --url http://127.0.0.1:8787 [--seconds 40] [--to FILE] [--about TEXT]: what the app's live view and explorer are told by a
// running network, kept with its times, for `npm run bench:web`. See tools/web/recordings/README.md.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { ROOT } from '../tidy/files.mjs';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    seconds: { type: 'string', default: '40' },
    to: { type: 'string', default: join(ROOT, 'tools/web/recordings/live.json.br') },
    about: { type: 'string', default: '' },
  },
});
/** What pages ask for, and how often they ask, ms; 0: once. */
const ASKED = {
  '/v1/network': 0,
  '/v1/ledger-servers': 0,
  '/v1/transactions?limit=8': 0,
  '/v1/blocks?limit=8': 0,
  '/v1/status': 2_000,
  '/v1/trust-nodes': 10_000,
  '/v1/epochs?limit=20': 10_000,
};
/** A block's committee is asked for so often by the live view; here somewhat more often, so that any block it may ask for is near one. */
const COMMITTEE_MS = 1_000;
const POOL_PAGE = 500;
const BROTLI_QUALITY = 11;

const began = performance.now();
const now = () => Math.round(performance.now() - began);
/** @type {{at: number, data: string}[]} */
const rounds = [];
/** @type {Record<string, {at: number, body: unknown}[]>} */
const answers = {};
let committeeAt = Number.NEGATIVE_INFINITY;
const pending = new Set();

const stop = new AbortController();
setTimeout(() => stop.abort(), Number(values.seconds) * 1_000);
const startMs = Date.now();
for (const [path, everyMs] of Object.entries(ASKED)) {
  await keep(path);
  if (everyMs > 0) {
    const timer = setInterval(() => later(keep(path)), everyMs);
    stop.signal.addEventListener('abort', () => clearInterval(timer));
  }
}
await listen().catch((error) => {
  if (!stop.signal.aborted) throw error;
});
await Promise.all(pending);
await pools();
const recording = { provenance: await provenance(), seconds: Number(values.seconds), rounds, answers };
const bytes = brotliCompressSync(JSON.stringify(recording), {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  },
});
writeFileSync(values.to, bytes);
console.log(JSON.stringify({ ...recording.provenance, rounds: rounds.length, bytes: bytes.length }));

async function ask(path) {
  const answer = await fetch(values.url + path);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

async function keep(path) {
  const body = await ask(path).catch(() => undefined);
  if (body === undefined) return;
  answers[path] ??= [];
  answers[path].push({ at: now(), body });
}

function later(work) {
  pending.add(work);
  work.finally(() => pending.delete(work));
}

/** The stream of rounds, line by line as it comes, and of now and then one block its committee. */
async function listen() {
  const { body } = await fetch(`${values.url}/v1/events?events=round`, {
    headers: { accept: 'text/event-stream' },
    signal: stop.signal,
  });
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop();
    for (const event of events) {
      const data = /^data: ?(.*)$/m.exec(event)?.[1];
      if (data === undefined || !/^event: ?round$/m.test(event)) continue;
      rounds.push({ at: now(), data });
      committee(JSON.parse(data));
    }
  }
}

function committee({ blockList }) {
  const last = blockList?.at(-1);
  if (last === undefined || now() - committeeAt < COMMITTEE_MS) return;
  committeeAt = now();
  const [lane, height] = last;
  later(keep(`/v1/elections/${lane}/${height}`));
  later(keep(`/v1/blocks/${lane}/${height}`));
}

/** Pools of the epochs that were the running one meanwhile. */
async function pools() {
  const epochs = new Set(answers['/v1/epochs?limit=20'].map(({ body }) => body.items[0].epoch));
  for (const epoch of epochs) {
    let cursor = '';
    do {
      const path = `/v1/epochs/${epoch}/pool?limit=${POOL_PAGE}${cursor}`;
      await keep(path);
      const next = answers[path]?.at(-1).body.next;
      cursor = typeof next === 'string' ? `&cursor=${encodeURIComponent(next)}` : '';
    } while (cursor !== '');
  }
}

async function provenance() {
  const transactions = rounds.reduce((sum, { data }) => sum + JSON.parse(data).transactions, 0);
  const [first, last] = [rounds[0], rounds.at(-1)];
  const status = answers['/v1/status'].at(-1).body;
  return {
    tool: 'tools/web/record.mjs',
    recorded: new Date(startMs).toISOString(),
    about: values.about,
    machine: `${cpus().length} x ${cpus()[0]?.model}`,
    devicesConnected: status.devicesConnected,
    transactionsPerSecond: Math.round((transactions * 1_000) / (last.at - first.at)),
    transactions,
  };
}
