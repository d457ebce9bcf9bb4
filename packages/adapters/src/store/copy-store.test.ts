import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, assert, beforeEach, expect, test } from 'vitest';
import { copyStore } from './copy-store.js';
import { openLmdbStore } from './lmdb-store.js';

const CHILD = fileURLToPath(new URL('./fixtures/store-child.mjs', import.meta.url));

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'iotw-copy-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

test('a copy of a store that is written to is that of one moment, rewritten values too', async () => {
  const path = join(base, 'store');
  const child = spawn(process.execPath, [CHILD, path, 'pace'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => child.on('close', resolve));
  let acked = -1;
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    for (const [, n] of text.matchAll(/ack (\d+)/g)) acked = Number(n);
  });
  while (acked < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  for (let i = 0; i < 20; i++) {
    const target = join(base, `copy${i}`);
    const before = acked;
    expect(await copyStore(path, target)).toEqual({ ok: true, value: undefined });
    const opened = await openLmdbStore({ path: target });
    assert(opened.ok, opened.ok ? '' : opened.error.message);
    const copy = opened.value;
    const head = Buffer.from(copy.get('meta', new Uint8Array([1]))!).readUInt32BE(0);
    expect(head).toBeGreaterThanOrEqual(before);
    expect([...copy.range('state', {})].map(([, value]) => value[0]!).sort((a, b) => a - b)).toEqual(
      [head - 2, head - 1, head].map((n) => n & 0xff).sort((a, b) => a - b),
    );
    await copy.close();
  }
  child.kill('SIGKILL');
  await closed;
});

test('there is no copy of what is no store', async () => {
  expect(await copyStore(join(base, 'none'), join(base, 'copy'))).toMatchObject({
    error: { code: 'store-copy' },
  });
});

test('a store whose rewritten values are missing has no copy', async () => {
  const path = join(base, 'store');
  const opened = await openLmdbStore({ path });
  assert(opened.ok);
  const value = new Uint8Array(5_000);
  await opened.value.commit([{ table: 's', key: new Uint8Array([1]), value, rewritten: true }]);
  await opened.value.close();
  rmSync(join(path, 'rewritten'), { recursive: true });
  const copied = await copyStore(path, join(base, 'copy'));
  expect(copied).toMatchObject({ error: { code: 'store-copy' } });
  expect(copied.ok ? '' : copied.error.message).toContain('1 values of table s are missing');
});
