import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '@iotw/kernel/bytes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LmdbStoreOptions, openLmdbStore } from './lmdb-store.js';
import { codeOfOpening, openedStore, points, row } from './test-lmdb-store.js';

let base: string;
let path: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'iotw-lmdb-'));
  path = join(base, 'store');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const openStore = (options: Partial<LmdbStoreOptions> = {}) => openedStore({ path, ...options });
const openCode = (options: Partial<LmdbStoreOptions> = {}) => codeOfOpening({ path, ...options });

describe('a durable store', () => {
  test('shows after reopening what was committed, in every table', async () => {
    const first = await openStore();
    await first.commit([row('k', 'v'), row('k', 'w', 'b'), row('big', new Uint8Array(100_000).fill(9), 'c')]);
    await first.commit([{ table: 'b', key: utf8('k'), value: undefined }]);
    await first.close();
    const second = await openStore();
    expect(second.get('a', utf8('k'))).toEqual(utf8('v'));
    expect(second.get('b', utf8('k'))).toBeUndefined();
    expect(second.get('c', utf8('big'))?.length).toBe(100_000);
    await second.close();
  });

  test('has one owner at a time, also within a process, and leaves no lock behind', async () => {
    const first = await openStore();
    expect(await openCode()).toBe('store-locked');
    expect((await first.commit([row('k', 'v')])).ok).toBe(true);
    await first.close();
    expect(readdirSync(path).filter((name) => name.endsWith('.sock'))).toEqual([]);
    expect(await openCode()).toBe('open');
  });

  test('of many that open at once at most one succeeds', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => openLmdbStore({ path })));
    const stores = opened.flatMap((result) => (result.ok ? [result.value] : []));
    expect(stores.length).toBeLessThanOrEqual(1);
    for (const result of opened) if (!result.ok) expect(result.error.code).toBe('store-locked');
    for (const store of stores) await store.close();
    expect(await openCode()).toBe('open');
  });

  test('opens on a path too long for a socket address', async () => {
    const long = join(path, 'd'.repeat(120));
    const store = await openStore({ path: long });
    expect(await openCode({ path: long })).toBe('store-locked');
    await store.close();
    expect(await openCode({ path: long })).toBe('open');
  });

  test('refuses a path that can not be a directory', async () => {
    writeFileSync(path, 'a file');
    expect(await openCode()).toBe('store-path');
    expect(await openCode({ path: join(path, 'below') })).toBe('store-path');
  });

  test('refuses a data file that is something else', async () => {
    await (await openStore()).close();
    writeFileSync(join(path, 'data.mdb'), Buffer.alloc(20_000, 'not a database'));
    expect(await openCode()).toBe('store-corrupt');
  });
});

describe('damage on disk', () => {
  // A value on overflow pages and a value within a leaf page.
  test.each([
    ['large', 20_000],
    ['small', 500],
  ])('a flipped bit in a %s value is found on reading, and the rest still reads', async (_, size) => {
    const store = await openStore();
    const value = Buffer.alloc(size, 'VALUE-ON-DISK-');
    await store.commit([row('a', 'before'), row('k', value), row('z', 'after')]);
    await store.close();
    const file = join(path, 'data.mdb');
    const bytes = readFileSync(file);
    let flips = 0;
    for (let at = bytes.indexOf(value); at >= 0; at = bytes.indexOf(value, at + 1), flips++)
      bytes[at + 99]! ^= 4;
    expect(flips).toBeGreaterThan(0);
    writeFileSync(file, bytes);

    const again = await openStore();
    const corrupt = expect.objectContaining({ name: 'StoreFaultError', code: 'store-corrupt' });
    expect(() => again.get('a', utf8('k'))).toThrow(corrupt);
    expect(() => [...again.range('a', {})]).toThrow(corrupt);
    expect(again.get('a', utf8('a'))).toEqual(utf8('before'));
    expect([...again.range('a', { from: utf8('l') })].length).toBe(1);
    await again.close();
  });

  test('a value moved under another key or into another table is found', async () => {
    const store = await openStore();
    await store.commit([row('KEY-ONE', 'the value'), row('other', 'the value', 'b')]);
    await store.close();
    const file = join(path, 'data.mdb');
    const bytes = readFileSync(file);
    for (let at = bytes.indexOf('KEY-ONE'); at >= 0; at = bytes.indexOf('KEY-ONE', at + 1))
      bytes.write('KEY-TWO', at);
    writeFileSync(file, bytes);
    const again = await openStore();
    expect(() => again.get('a', utf8('KEY-TWO'))).toThrow(expect.objectContaining({ code: 'store-corrupt' }));
    await again.close();
  });

  test('a file cut short is found, never read as empty', async () => {
    const store = await openStore();
    for (let i = 0; i < 50; i++) await store.commit([row(`k${i}`, new Uint8Array(9_000).fill(i))]);
    await store.close();
    const file = join(path, 'data.mdb');
    truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096 + 100);
    const opened = await openLmdbStore({ path });
    if (!opened.ok) {
      expect(opened.error.code).toBe('store-corrupt');
      return;
    }
    const codes = new Set<string>();
    for (let i = 0; i < 50; i++) {
      try {
        codes.add(opened.value.get('a', utf8(`k${i}`)) === undefined ? 'missing' : 'read');
      } catch (error) {
        codes.add((error as { code: string }).code);
      }
    }
    expect(codes.has('store-corrupt')).toBe(true);
    expect(codes.has('missing')).toBe(false);
    await opened.value.close();
  });
});

describe('disk faults', () => {
  test.each(['eio', 'enospc'])(
    '%s on a commit: a code, nothing visible, no further commit',
    async (action) => {
      const store = await openStore({ failpoints: points(`store-commit-before-begin=${action}@2`) });
      expect((await store.commit([row('one', '1')])).ok).toBe(true);
      const [second, third] = await Promise.all([
        store.commit([row('two', '2')]),
        store.commit([row('three', '3')]),
      ]);
      expect(second).toMatchObject({ ok: false, error: { code: 'store-io' } });
      expect(third).toMatchObject({ ok: false, error: { code: 'store-io' } });
      expect(await store.commit([row('four', '4')])).toMatchObject({
        ok: false,
        error: { code: 'store-io' },
      });
      expect(store.get('a', utf8('one'))).toEqual(utf8('1'));
      expect(store.get('a', utf8('two'))).toBeUndefined();
      await store.close();
      const again = await openStore();
      expect([...again.range('a', {})].length).toBe(1);
      expect((await again.commit([row('two', '2')])).ok).toBe(true);
      await again.close();
    },
  );

  test('a failed commit takes all commits given behind it along, beyond its own group too', async () => {
    const store = await openStore({ failpoints: points('store-commit-before-begin=eio') });
    const results = await Promise.all(
      Array.from({ length: 600 }, (_, i) => store.commit([row(`k${i}`, 'v')])),
    );
    for (const result of results) expect(result).toMatchObject({ ok: false, error: { code: 'store-io' } });
    await store.close();
    const again = await openStore();
    expect([...again.range('a', {})]).toEqual([]);
    await again.close();
  });

  test('a commit that does not fit fails those behind it, not those ahead, and later ones go on', async () => {
    const store = await openStore({ mapSizeBytes: 2_000_000 });
    const results = await Promise.all([
      store.commit([row('ahead', 'v')]),
      store.commit([row('huge', new Uint8Array(4_000_000))]),
      store.commit([row('behind', 'v')]),
    ]);
    expect(results.map((result) => (result.ok ? 'ok' : result.error.code))).toEqual([
      'ok',
      'store-full',
      'store-full',
    ]);
    expect((await store.commit([row('later', 'v')])).ok).toBe(true);
    expect([...store.range('a', {})].map(([key]) => Buffer.from(key).toString())).toEqual(['ahead', 'later']);
    await store.close();
  });

  test('a disk without space is refused before LMDB meets it, and deletes go on longer', async () => {
    let free = 2 ** 30;
    const store = await openStore({ freeDiskBytes: () => free });
    expect((await store.commit([row('k', 'v')])).ok).toBe(true);
    free = 60 * 2 ** 20;
    expect(await store.commit([row('l', 'v')])).toMatchObject({ ok: false, error: { code: 'store-full' } });
    expect((await store.commit([{ table: 'a', key: utf8('k'), value: undefined }])).ok).toBe(true);
    free = 2 ** 20;
    const none = await store.commit([{ table: 'a', key: utf8('k'), value: undefined }]);
    expect(none).toMatchObject({ ok: false, error: { code: 'store-full' } });
    free = 2 ** 30;
    expect((await store.commit([row('l', 'v')])).ok).toBe(true);
    await store.close();
  });

  test.each([
    'store-commit-before-check',
    'store-commit-put',
    'store-commit-delete',
    'store-commit-between-tables',
    'store-table-create',
  ])('an error at %s leaves nothing of the commit', async (name) => {
    const store = await openStore({ failpoints: points(`${name}=eio`) });
    const result = await store.commit([
      row('k', 'v'),
      { table: 'a', key: utf8('k'), value: undefined },
      row('l', 'v'),
      row('k', 'v', 'b'),
    ]);
    expect(result).toMatchObject({ ok: false, error: { code: 'store-io' } });
    await store.close();
    const again = await openStore();
    expect([...again.range('a', {}), ...again.range('b', {})]).toEqual([]);
    await again.close();
  });

  test.each([
    'store-open-before-lock',
    'store-open-after-lock',
    'store-open-after-environment',
    'store-open-table',
  ])('an error at %s: a code, and the next open succeeds', async (name) => {
    const store = await openStore();
    await store.commit([row('k', 'v')]);
    await store.close();
    expect(await openCode({ failpoints: points(`${name}=eio`) })).toBe('store-io');
    expect(await openCode()).toBe('open');
  });

  test('an error on reading is thrown as store-io, and reading goes on', async () => {
    const armed = 'store-get=eio,store-range-open=enospc,store-range-next=eio@2';
    const store = await openStore({ failpoints: points(armed) });
    await store.commit([row('k', 'v'), row('l', 'v')]);
    const io = expect.objectContaining({ name: 'StoreFaultError', code: 'store-io' });
    expect(() => store.get('a', utf8('k'))).toThrow(io);
    expect(() => [...store.range('a', {})]).toThrow(io);
    expect(() => [...store.range('a', {})]).toThrow(io);
    expect(store.get('a', utf8('k'))).toEqual(utf8('v'));
    expect([...store.range('a', {})].length).toBe(2);
    await store.close();
  });
});
