import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimDirectory } from '@iotw/adapters/store/owner-lock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotw, iotwJson } from '../test-io.js';
import type { Finding } from './check.js';
import { checkCometBft } from './cometbft.js';
import { checkLock, checkSpace, checkSync, existingDirectory } from './disk.js';
import {
  checkClock,
  checkNodeVersion,
  checkOpenFiles,
  checkPort,
  checkSecret,
  checkSize,
} from './machine.js';
import { checkModules } from './modules.js';
import { checkProtocol } from './protocol.js';
import { checkStateSync } from './state-sync.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-doctor-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('Node versions', () => {
  const table: [version: string, state: Finding['state']][] = [
    ['18.20.4', 'bad'],
    ['20.14.0', 'bad'],
    ['20.15.0', 'good'],
    ['22.0.0', 'good'],
  ];
  for (const [version, state] of table) expect(checkNodeVersion(version).state, version).toBe(state);
});

it('sizes', () => {
  const gib = 1024 ** 3;
  expect(checkSize(2, 4 * gib, 8 * gib)).toEqual({
    name: 'machine',
    state: 'good',
    found: '2 cores, 4096 of 8192 MiB free',
  });
  expect(checkSize(1, 4 * gib, 8 * gib).state).toBe('warning');
  expect(checkSize(8, gib / 4, 8 * gib)).toMatchObject({
    state: 'warning',
    mend: expect.stringContaining('--devices'),
  });
});

it('open files', async () => {
  const file = join(dir, 'limits');
  const table: [text: string, state: Finding['state']][] = [
    ['Max open files            1024                 1048576              files\n', 'warning'],
    ['Max open files            4096                 1048576              files\n', 'good'],
    ['Max open files            unlimited            unlimited            files\n', 'good'],
    ['', 'good'],
  ];
  for (const [text, state] of table) {
    writeFileSync(file, `Max processes 1 1\n${text}`);
    expect((await checkOpenFiles(file)).state, text).toBe(state);
  }
});

describe('the clock', () => {
  it('of this machine is good', async () => expect((await checkClock(dir)).state).toBe('good'));
  it('in 1970 is bad', async () => expect((await checkClock(dir, 0)).state).toBe('bad'));
  it("away from the disk's is a warning", async () => {
    expect(await checkClock(dir, Date.now() + 60_000)).toMatchObject({
      state: 'warning',
      mend: expect.anything(),
    });
  });
});

it('a taken port', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  expect(await checkPort('the API', '127.0.0.1', port)).toMatchObject({
    state: 'bad',
    name: `port ${port}`,
    mend: expect.anything(),
  });
  await new Promise((resolve) => server.close(resolve));
  expect((await checkPort('the API', '127.0.0.1', port)).state).toBe('good');
  expect((await checkPort('the API', '192.0.2.1', port)).state).toBe('bad');
});

it('a key file that others may read', async () => {
  const file = join(dir, 'keys.json');
  expect((await checkSecret(file)).state).toBe('bad');
  writeFileSync(file, '{}', { mode: 0o600 });
  expect((await checkSecret(file)).state).toBe('good');
  chmodSync(file, 0o640);
  expect(await checkSecret(file)).toMatchObject({ state: 'bad', mend: expect.stringContaining('chmod 600') });
  chmodSync(file, 0o600);
});

describe('the data directory', () => {
  it('that another process has is bad', async () => {
    expect((await checkLock(join(dir, 'none'))).state).toBe('good');
    const claimed = await claimDirectory(dir);
    expect(await checkLock(dir)).toMatchObject({ state: 'bad', found: `another process has ${dir} open` });
    if (claimed.ok) await claimed.value.release();
    expect((await checkLock(dir)).state).toBe('good');
  });

  it('is looked for upwards', () => {
    expect(existingDirectory(join(dir, 'a', 'b'))).toBe(dir);
    expect(existingDirectory('no-such-place/data')).toBe('.');
  });

  it('has space and a latency', async () => {
    expect((await checkSpace(dir)).found).toMatch(/^\d+\.\d GiB free in /);
    expect((await checkSync(dir)).found).toMatch(/^4 KiB durable in \d+\.\d\d ms, at most /);
    expect(await checkSync(join(dir, 'none'))).toMatchObject({ state: 'bad', name: 'disk write' });
  });
});

it('the native parts work', async () => {
  const findings = await checkModules(dir);
  expect(findings.map(({ name, state }) => [name, state])).toEqual([
    ['signatures', 'good'],
    ['hashing', 'good'],
    ['verify workers', 'good'],
    ['store', 'good'],
  ]);
});

it('CometBFT', async () => {
  expect(await checkCometBft(false, undefined)).toMatchObject({
    state: expect.stringMatching(/good|warning/),
  });
  const missing = join(dir, 'no-cometbft');
  expect(await checkCometBft(false, missing)).toMatchObject({ state: 'warning' });
  expect(await checkCometBft(true, missing)).toMatchObject({
    state: 'bad',
    mend: expect.stringContaining('go install'),
  });
});

describe('state sync', () => {
  const hash = 'AB'.repeat(32);
  const time = '2026-01-01T00:00:00.5Z';
  const atMs = Date.parse(time);
  const found = { result: { signed_header: { header: { time }, commit: { block_id: { hash } } } } };
  it.each([
    [
      'a server with the trusted block',
      'good',
      'trusted block 7',
      found,
      hash.toLowerCase(),
      atMs + 3_600_000,
    ],
    ['one with another block there', 'bad', 'has the hash', found, 'cd'.repeat(32), atMs],
    ['a block that is too old', 'bad', '25 hours old', found, hash, atMs + 25 * 3_600_000],
    ['one that has no such block', 'bad', 'has no block 7', { error: { code: -32603 } }, hash, atMs],
    ['one that is no CometBFT', 'bad', 'does not answer', undefined, hash, atMs],
  ])('%s is %s', async (_, state, words, answer, trustHash, nowMs) => {
    const server = createHttpServer((request, response) => {
      expect(request.url).toBe('/commit?height=7');
      response.end(answer === undefined ? 'hello' : JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const plan = { trustHeight: 7, trustHash, rpcServers: [url, url] };
    const findings = await checkStateSync(plan, nowMs);
    server.close();
    expect(findings.length).toBe(2);
    for (const finding of findings)
      expect(finding).toMatchObject({ state, found: expect.stringContaining(words) });
    if (state === 'bad') expect(findings[0]!.mend).toContain('/commit');
  });
});

describe('the version of the protocol', () => {
  const told = (version: number, pending: object | null) => ({ protocol: { version, pending } });
  it.each<[string, string, string, object | undefined]>([
    ['that software and network share', 'good', 'runs 1, this software knows 1', told(1, null)],
    ['that is pending and known', 'good', 'and 1 from epoch 9', told(1, { version: 1, epoch: 9 })],
    ['that is pending and not known', 'bad', 'and 2 from epoch 9', told(1, { version: 2, epoch: 9 })],
    ['that the network runs and nobody here knows', 'bad', 'runs 2', told(2, null)],
    ['where what answers is no node', 'good', 'no node answers', undefined],
  ])('%s is %s', async (_, state, words, answer) => {
    const server = createHttpServer((_request, response) => {
      response.end(answer === undefined ? 'hello' : JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const finding = await checkProtocol(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, [1]);
    server.close();
    expect(finding).toMatchObject({ state, found: expect.stringContaining(words) });
    if (state === 'bad') expect(finding.mend).toContain('install software that knows 2');
  });
});

describe('iotw doctor', () => {
  const config = (port: number) => {
    const path = join(dir, 'node.json');
    const node = {
      data: join(dir, 'data'),
      genesis: 'g',
      keys: join(dir, 'keys.json'),
      roles: ['api'],
      api: { host: '127.0.0.1', port },
    };
    writeFileSync(path, JSON.stringify(node));
    return path;
  };

  it('is content with a machine that has what it takes', async () => {
    const { code, value } = await iotwJson(['doctor', '--config', config(0)]);
    expect(value).toMatchObject({ healthy: true });
    expect(code).toBe(0);
  });

  it('exits with 1 and the mend where a port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const ran = await iotw(['doctor', '--config', config(port)]);
    await new Promise((resolve) => server.close(resolve));
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(
      new RegExp(`^BAD +port ${port} +taken, wanted for the API\n +mend: stop the process`, 'm'),
    );
    expect(ran.err).toContain('doctor-bad');
  });

  it('refuses a configuration that is none', async () => {
    writeFileSync(join(dir, 'bad.json'), '{"data":7}');
    const ran = await iotwJson(['doctor', '--config', join(dir, 'bad.json')]);
    expect(ran).toMatchObject({ code: 1, value: { error: { code: 'config-invalid' } } });
  });
});
