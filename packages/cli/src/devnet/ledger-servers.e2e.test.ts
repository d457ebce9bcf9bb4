import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { afterAll, assert, beforeAll, describe, expect, test, vi } from 'vitest';
import { iotwJson } from '../test-io.js';
import { Child, type ChildLine } from './child.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const WAIT = { timeout: 90_000, interval: 100 };
const file = cometBftForTests();

/** What a commit of CometBFT shows of a receipt. */
const PROVEN = ['commit', 'commit-round'].map((name) => expect.objectContaining({ name, state: 'pass' }));

let dir: string;
let devnet: Child | undefined;
let status: ChildLine | undefined;

async function start(...words: string[]): Promise<void> {
  status = undefined;
  const common = [
    '--devices',
    '24',
    '--rate',
    '20',
    '--loop',
    '--api-port',
    '0',
    '--mqtt-port',
    '0',
    '--json',
  ];
  const child = new Child('devnet', MAIN, ['devnet', '--dir', join(dir, 'net'), ...common, ...words]);
  devnet = child;
  child.onLine((line) => {
    if (line.kind === 'status') status = line;
  });
  const ready = await child.first('ready');
  assert(ready.ok, ready.ok ? '' : ready.error.message);
}

/** So many transactions more are final. */
async function goesOn(more: number): Promise<void> {
  await vi.waitUntil(() => status !== undefined, WAIT);
  const target = (status!.transactions as number) + more;
  await vi.waitFor(() => expect(status!.transactions).toBeGreaterThanOrEqual(target), WAIT);
}

describe.skipIf(file === undefined)('a devnet with four ledger servers', () => {
  beforeAll(async () => {
    assert(existsSync(MAIN), 'the processes run dist: build first (tsc -b)');
    process.env.IOTW_COMETBFT = file;
    dir = await mkdtemp(join(tmpdir(), 'iotw-devnet-mesh-'));
    await start('--ledger-servers', '4', '--fresh');
  }, 120_000);
  afterAll(async () => {
    await devnet?.stop(20_000);
    await rm(dir, { recursive: true, force: true });
  }, 60_000);

  test('makes orders final, and goes on when a CometBFT is killed', { timeout: 240_000 }, async () => {
    await goesOn(20);
    for (const server of ['ledger-2', 'node']) {
      const pid = await readFile(join(dir, 'net', server, 'cometbft', 'cometbft.pid'), 'utf8');
      process.kill(Number(pid), 'SIGKILL');
      await goesOn(20);
    }
    const trouble = (status!.orders as { failures: object }).failures;
    expect(trouble).toEqual({});
  });

  test('gives receipts that anybody can check without it', { timeout: 60_000 }, async () => {
    const api = status!.apiUrl as string;
    const answer = await fetch(`${api}/v1/blocks/0/1`);
    const block = (await answer.json()) as { transactions: { id: string; code: string }[] };
    const { id } = block.transactions.find(({ code }) => code === 'ok')!;
    const saved = join(dir, 'receipt.json');
    const online = await iotwJson(['verify', 'receipt', id, '--api', api, '--save', saved]);
    expect(online.value).toMatchObject({ paid: true });
    const offline = ['verify', 'receipt', saved, '--genesis', join(dir, 'net', 'genesis.json')];
    const { value } = await iotwJson(offline);
    expect(value).toMatchObject({ paid: true, checks: expect.arrayContaining(PROVEN) });
    const late = await iotwJson([...offline, '--as-of', new Date(Date.now() + 86_400_000).toISOString()]);
    const expired = { name: 'commit', state: 'fail', code: 'light-expired' };
    expect(late.value).toMatchObject({ checks: expect.arrayContaining([expect.objectContaining(expired)]) });
  });

  test('goes on from the same ledger after a stop in order', { timeout: 240_000 }, async () => {
    const { round } = status!;
    expect(round).toBeGreaterThan(0);
    devnet!.process.kill('SIGINT');
    expect(await devnet!.ended).toBe(0);
    await start('--ledger-servers', '4');
    await goesOn(5);
    expect(status!.round).toBeGreaterThan(round as number);
    const refused = new Child('devnet', MAIN, ['devnet', '--dir', join(dir, 'net'), '--json']);
    expect(await refused.ended).toBe(1);
  });
});
