import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { devnetSeed } from '@iotw/cli/devnet/devnet-keys';
import { fromHex, readU16, readU32 } from '@iotw/kernel/bytes';
import { openAccounts, presign } from './support/presigned.js';

/**
 * The load generator, a process of its own: signs beforehand, then sends over the API's front door and waits
 * for the final word. Commands on stdin: `closed MS CONNECTIONS`, `open RATE MS`; answers are JSON lines.
 */
interface LoadConfig {
  /** Requests go to them in turn. */
  readonly apiUrls: readonly string[];
  readonly network: string;
  /** Seed of the bench network: payers' keys come from it. */
  readonly seed: string;
  readonly payers: number;
  readonly firstAccount: number;
  readonly recipients: number;
  readonly spread: 'zipf' | 'even';
  readonly transactions: number;
  readonly transfersEach: number;
  readonly firstSequence: number;
  readonly batch: number;
}

const say = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`);
const config = JSON.parse(process.argv[2] ?? '{}') as LoadConfig;
const urls = config.apiUrls.map((url) => new URL('/v1/transactions/batch?wait=final', url));
const agent = new Agent({ keepAlive: true, maxSockets: 512 });
const plan = {
  ...config,
  network: fromHex(config.network, 32)!,
  payerSeeds: Array.from({ length: config.payers }, (_, i) =>
    devnetSeed(fromHex(config.seed, 32)!, 'payer', i),
  ),
  expiryMs: Date.now() + 3_600_000,
};
const batches = presign(plan);
let next = 0;
let turn = 0;

/** Sends one batch; transactions of it that became final with code ok. */
function send(
  batch: Uint8Array,
): Promise<{ readonly ok: number; readonly bad: number; readonly why: string }> {
  return new Promise((resolve) => {
    const post = request(
      urls[turn++ % urls.length]!,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/octet-stream',
          accept: 'application/octet-stream',
          'content-length': batch.length,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const body = new Uint8Array(Buffer.concat(chunks));
          if (response.statusCode !== 200 || body.length < 4) {
            resolve({
              ok: 0,
              bad: config.batch,
              why: `${response.statusCode} ${Buffer.from(body).toString('utf8')}`,
            });
            return;
          }
          const count = readU32(body, 0);
          let good = 0;
          let why = '';
          for (let i = 0; i < count; i++) {
            const code = readU16(body, 4 + 2 * i);
            if (code === 0) good += 1;
            else why = `code ${code}`;
          }
          resolve({ ok: good, bad: count - good, why });
        });
      },
    );
    post.on('error', (error) => resolve({ ok: 0, bad: config.batch, why: error.message }));
    post.end(batch);
  });
}

/** As fast as `connections` requests at once allow, for `ms`. */
async function closed(ms: number, connections: number): Promise<void> {
  const until = performance.now() + ms;
  const began = performance.now();
  let ok = 0;
  let bad = 0;
  let why = '';
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until && next < batches.length) {
        const result = await send(batches[next++]!);
        ok += result.ok;
        bad += result.bad;
        why = result.why === '' ? why : result.why;
      }
    }),
  );
  say({ kind: 'closed', ok, bad, why, ms: performance.now() - began, left: batches.length - next });
}

/** At a fixed rate, whatever the answers do; latency counts from the moment a request was due. */
async function open(rate: number, ms: number): Promise<void> {
  const began = performance.now();
  const latencies: { readonly atMs: number; readonly ms: number }[] = [];
  const open = new Set<Promise<void>>();
  let bad = 0;
  let why = '';
  for (let i = 0; ; i++) {
    const due = began + (i * 1_000) / rate;
    if (due - began >= ms || next >= batches.length) break;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const sent: Promise<void> = send(batches[next++]!).then((result) => {
      open.delete(sent);
      if (result.ok > 0) latencies.push({ atMs: due - began, ms: performance.now() - due });
      bad += result.bad;
      why = result.why === '' ? why : result.why;
    });
    open.add(sent);
  }
  await Promise.all(open);
  say({ kind: 'open', latencies, bad, why, left: batches.length - next });
}

/** Opens that many accounts by transfers to new keys, 256 a signature. */
async function accounts(count: number, firstSequence: number): Promise<void> {
  let ok = 0;
  let bad = 0;
  for (const batch of openAccounts({ ...plan, count, firstSequence })) {
    const result = await send(batch);
    ok += result.ok;
    bad += result.bad;
  }
  say({ kind: 'accounts', ok, bad });
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, ...args] = line.split(' ');
  const numbers = args.map(Number);
  if (command === 'closed') void closed(numbers[0]!, numbers[1]!);
  else if (command === 'open') void open(numbers[0]!, numbers[1]!);
  else if (command === 'accounts') void accounts(numbers[0]!, numbers[1]!);
});
process.stdin.on('end', () => process.exit(0));
say({ kind: 'ready', batches: batches.length });
