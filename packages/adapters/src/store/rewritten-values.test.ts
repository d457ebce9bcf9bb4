import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_MAX_TABLES, openEnvironment, openTables } from './lmdb-environment.js';
import type { LmdbStoreOptions } from './lmdb-store.js';
import { rewrittenPath } from './rewritten-values.js';
import { codeOfOpening, openedStore, points, row } from './test-lmdb-store.js';

let base: string;
let path: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'iotw-rewritten-'));
  path = join(base, 'store');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const openStore = (options: Partial<LmdbStoreOptions> = {}) => openedStore({ path, ...options });
const openCode = () => codeOfOpening({ path });

describe('rewritten values', () => {
  const rewritten = (key: string, value: Uint8Array): Write => ({ ...row(key, value, 's'), rewritten: true });
  const apart = (file = 'data.mdb') => join(path, 'rewritten', file);

  test('are there after reopening, the newest of each, and deleted ones are not', async () => {
    const first = await openStore();
    for (let i = 0; i < 5; i++) {
      const values = ['j', 'k', 'l'].map((key) => rewritten(key, new Uint8Array(50_000).fill(i)));
      expect((await first.commit(values)).ok).toBe(true);
    }
    await first.commit([{ table: 's', key: utf8('k'), value: undefined }]);
    await first.close();
    const second = await openStore();
    const kept = [...second.range('s', {})].map(([key, value]) => [Buffer.from(key).toString(), value]);
    expect(kept).toEqual(['j', 'l'].map((key) => [key, new Uint8Array(50_000).fill(4)]));
    await second.close();
  });

  test('written again and again take up the room of their like, and none of what stays', async () => {
    const store = await openStore();
    for (let i = 0; i < 40; i++) {
      await store.commit([
        rewritten('k', new Uint8Array(1_000_000).fill(i)),
        row(`row${i}`, new Uint8Array(9_000)),
      ]);
    }
    await store.close();
    expect(statSync(apart()).size).toBeLessThan(5_000_000);
    expect(statSync(join(path, 'data.mdb')).size).toBeLessThan(1_000_000);
  });

  test('given many at once leave the last one of each, also where it is then deleted', async () => {
    const store = await openStore();
    const values = Array.from({ length: 40 }, (_, i) =>
      rewritten(`k${i % 2}`, new Uint8Array(9_000).fill(i)),
    );
    await Promise.all(values.map((value) => store.commit([value, value])));
    expect(store.get('s', utf8('k1'))).toEqual(new Uint8Array(9_000).fill(39));
    await store.commit([rewritten('gone', utf8('v')), { table: 's', key: utf8('gone'), value: undefined }]);
    await store.close();
    const root = openEnvironment(rewrittenPath(path), DEFAULT_MAX_TABLES);
    const keys = openTables(root, undefined).get('s')?.database.getKeys({}) ?? [];
    expect(Array.from(keys, (key) => Buffer.from(key).toString().slice(0, 2))).toEqual(['k0', 'k1']);
    await root.close();
  });

  test('make no file where there are none', async () => {
    const store = await openStore();
    await store.commit([row('k', 'v')]);
    await store.close();
    expect(existsSync(apart())).toBe(false);
  });

  test('are refused without the file that names them, and stay', async () => {
    const store = await openStore();
    await store.commit([rewritten('k', utf8('v'))]);
    await store.close();
    const names = readFileSync(join(path, 'data.mdb'));
    rmSync(join(path, 'data.mdb'));
    expect(await openCode()).toBe('store-corrupt');
    writeFileSync(join(path, 'data.mdb'), names);
    const again = await openStore();
    expect(again.get('s', utf8('k'))).toEqual(utf8('v'));
    await again.close();
  });

  test('of which one is damaged: found on reading it', async () => {
    const store = await openStore();
    const value = Buffer.alloc(20_000, 'VALUE-ON-DISK-');
    await store.commit([rewritten('k', value), rewritten('l', utf8('another'))]);
    await store.close();
    const bytes = readFileSync(apart());
    bytes[bytes.indexOf(value) + 99]! ^= 4;
    writeFileSync(apart(), bytes);
    const again = await openStore();
    expect(() => again.get('s', utf8('k'))).toThrow(expect.objectContaining({ code: 'store-corrupt' }));
    expect(again.get('s', utf8('l'))).toEqual(utf8('another'));
    await again.close();
  });

  test('of which all, or the newest, are missing: the store is not opened', async () => {
    const store = await openStore();
    await store.commit([rewritten('k', utf8('old'))]);
    await store.close();
    const older = readFileSync(apart());
    const second = await openStore();
    await second.commit([rewritten('k', utf8('new'))]);
    await second.close();
    writeFileSync(apart(), older);
    expect(await openCode()).toBe('store-corrupt');
    rmSync(join(path, 'rewritten'), { recursive: true });
    expect(await openCode()).toBe('store-corrupt');
  });

  test('that an iteration goes by stay until it ends, and not longer', async () => {
    const store = await openStore();
    const put = (i: number) =>
      store.commit(['k', 'l'].map((key) => rewritten(key, new Uint8Array(500_000).fill(i))));
    await put(0);
    const seen: number[] = [];
    for (const [, value] of store.range('s', {})) {
      seen.push(value[0]!);
      for (let i = 1; i < 4; i++) await put(i);
    }
    expect(seen).toEqual([0, 0]);
    for (let i = 1; i < 30; i++) await put(i);
    await store.close();
    expect(statSync(apart()).size).toBeLessThan(12_000_000);
  });

  test.each(['store-rewritten-before-begin', 'store-rewritten-before-remove'])(
    'an error at %s: a code from then on, and nothing half done',
    async (name) => {
      const store = await openStore({ failpoints: points(`${name}=eio@2`) });
      const codes: string[] = [];
      for (let i = 0; i < 4; i++) {
        const result = await store.commit([
          rewritten('k', new Uint8Array(9_000).fill(i)),
          row('head', `${i}`),
        ]);
        codes.push(result.ok ? 'ok' : result.error.code);
      }
      const kept = name === 'store-rewritten-before-begin' ? 1 : 3;
      expect(codes).toEqual(codes.map((_, i) => (i < kept ? 'ok' : 'store-io')));
      await store.close();
      const again = await openStore();
      expect(again.get('a', utf8('head'))).toEqual(utf8(`${kept - 1}`));
      expect(again.get('s', utf8('k'))).toEqual(new Uint8Array(9_000).fill(kept - 1));
      await again.close();
    },
  );
});
