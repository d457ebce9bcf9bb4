/** The built program as a process: what `run` in this process can't show. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevnetSnapshot } from './devnet/snapshot.js';
import { iotwJson } from './test-io.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-main-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('exit codes', () => {
  const table: [words: string[], code: number][] = [
    [['--version'], 0],
    [['epoch', 'show', 'now'], 1],
    [['walet'], 2],
  ];
  for (const [words, code] of table) {
    it(`iotw ${words.join(' ')}: ${code}`, () => {
      expect(spawnSync(process.execPath, [MAIN, ...words]).status).toBe(code);
    });
  }
});

it('a reader that goes away is no fault', () => {
  const shell = `"${process.execPath}" "${MAIN}" --help | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout } = spawnSync('bash', ['-c', shell]);
  expect(stdout.toString()).toBe('Usage: iotw <noun> <verb> [options]\n0\n');
});

it('a slow reader gets a long answer whole', async () => {
  const path = '"'.repeat(120_000);
  const devnet = spawn(process.execPath, [
    MAIN,
    'devnet',
    '--json',
    '--dir',
    join(dir, 'slow'),
    '--data',
    path,
  ]);
  const ended = new Promise((resolve) => devnet.once('exit', resolve));
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3_000))]);
  let out = '';
  for await (const chunk of devnet.stdout.setEncoding('utf8')) out += chunk;
  expect(JSON.parse(out).error).toMatchObject({ code: 'orders-unreadable', data: { path } });
});

describe('a node as a process', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`tells in one line that it is ready, and ${signal} stops it in order`, async () => {
      const network = join(dir, signal);
      const ports = ['--api-port', '0', '--mqtt-port', '0'];
      expect(
        (await iotwJson(['genesis', 'create', '--dir', network, '--trust-nodes', '2', ...ports])).code,
      ).toBe(0);
      const node = spawn(process.execPath, [MAIN, 'node', '--config', join(network, 'node.json'), '--json']);
      let out = '';
      let err = '';
      node.stderr.on('data', (chunk) => {
        err += chunk;
      });
      const ended = new Promise<number | null>((resolve) => {
        node.once('exit', resolve);
      });
      await new Promise<void>((resolve) => {
        node.stdout.on('data', (chunk) => {
          out += chunk;
          if (out.includes('\n')) resolve();
        });
        void ended.then(() => resolve());
      });
      expect(JSON.parse(out), err).toMatchObject({
        kind: 'ready',
        mqtt: [{ trustNode: 0 }, { trustNode: 1 }],
      });
      const { apiUrl } = JSON.parse(out) as { apiUrl: string };
      expect((await fetch(`${apiUrl}/healthz`)).status).toBe(200);
      node.kill(signal);
      expect(await ended).toBe(0);
      expect(err).toBe('');
      expect(out.trim().split('\n')).toHaveLength(1);
    });
  }
});

describe('a devnet as a process', () => {
  const words = (...more: string[]) => [
    ...['devnet', '--json', '--dir', join(dir, 'devnet'), '--data', join(dir, 'orders.csv')],
    ...[
      '--devices',
      '24',
      '--trust-nodes',
      '2',
      '--api-port',
      '0',
      '--mqtt-port',
      '0',
      '--rate',
      '50',
      ...more,
    ],
  ];

  /** Runs until a status line satisfies `enough`, then presses Ctrl-C. */
  async function runUntil(enough: (status: DevnetSnapshot) => boolean, more: readonly string[] = []) {
    const devnet = spawn(process.execPath, [MAIN, ...words(...more)]);
    let err = '';
    devnet.stderr.on('data', (chunk) => {
      err += chunk;
    });
    const ended = new Promise<number | null>((resolve) => {
      devnet.once('exit', resolve);
    });
    let last: (DevnetSnapshot & { kind: string }) | undefined;
    for await (const line of createInterface({ input: devnet.stdout })) {
      const told = JSON.parse(line);
      if (told.kind !== 'status') continue;
      last = told;
      if (enough(told)) devnet.kill('SIGINT');
    }
    return { code: await ended, err, last: last! };
  }

  it('replays orders, pays devices, stops in order, and goes on from the same ledger', async () => {
    const lines = ['536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850,United Kingdom'];
    for (let i = 0; i < 20; i++) lines.push(`${536366 + i},22633,WARMER,2,2010-12-01 08:28:00,1.85,,France`);
    lines.push('C536391,85123A,LANTERN,-2,2010-12-01 10:24:00,2.55,17850,United Kingdom');
    lines.push('536399,22633,WARMER,1,2010-12-01 10:30:00,0,17850,United Kingdom');
    const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
    writeFileSync(join(dir, 'orders.csv'), `${[header, ...lines].join('\n')}\n`);
    const first = await runUntil(({ orders, rewards }) => orders?.state === 'finished' && rewards.total > 0);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.last.orders).toMatchObject({ invoicesDone: 21, trades: 21, refunds: 1, failures: {} });
    expect(first.last.orders?.notReplayed).toEqual({ 'no-price': 1 });
    const second = await runUntil(({ devices }) => devices.connected === 24);
    expect(second).toMatchObject({ code: 0, err: '' });
    expect(second.last.round).toBeGreaterThanOrEqual(first.last.round);
    expect(second.last.rewards.total).toBeGreaterThanOrEqual(first.last.rewards.total);
  });

  it('says what to do where the network in the directory is another', async () => {
    const devnet = spawnSync(process.execPath, [MAIN, ...words('--trust-nodes', '3')]);
    expect(JSON.parse(devnet.stdout.toString()).error.code).toBe('devnet-other-shape');
    expect(devnet.status).toBe(1);
  });
});
