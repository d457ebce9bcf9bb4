/** Data that an earlier release wrote, brought up to date; the layout of format 3 is written here as that release wrote it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFailpoints } from '@iotw/adapters/failpoints/failpoints';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { utf8, writeU32 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { fail, ok } from '@iotw/kernel/result';
import { TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { STATE_TABLE, sheetKey } from '@iotw/nodes/ledger-server/restore';
import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest';
import { checkDataFormat, DATA_FORMAT, upgradeData } from './data-format.js';
import { restoreLedger } from './restore-ledger.js';

const ACCOUNTS = 200_000;
const accounts = Array.from({ length: ACCOUNTS }, (_, i) => {
  const key = testGenesis().accounts[0]!.key.slice();
  writeU32(key, 0, i);
  return { key, amount: 1 };
});
const t = new TestNetwork({ genesis: { accounts: [...testGenesis().accounts, ...accounts] } });
t.send('alice', transferOp(1, 7));
t.endEpoch();
const root = t.ledger.stateRoot();

const formatted = (format: number): Write => {
  const value = new Uint8Array(4);
  writeU32(value, 0, format);
  return { table: 'meta', key: utf8('format'), value };
};

/** The state as format 3 kept it: sheets in a table of their own, among what stays. */
const SHEETS = Array.from(t.ledger.save(), ({ table, sheet, bytes }): Write => {
  return { table: 'sheets', key: sheetKey(table, sheet), value: bytes };
});
const OLD: readonly Write[] = [
  { table: 'meta', key: utf8('network'), value: t.network },
  formatted(3),
  ...SHEETS,
];

async function oldStore(store: Store = openMemoryStore(), writes = OLD): Promise<Store> {
  const written = await store.commit(writes);
  assert(written.ok);
  return store;
}

/** The store, whose every commit after the first `commits` fails, as that of a process that was killed then. */
function dying(store: Store, commits: number): Store {
  let left = commits;
  return {
    get: (table, key) => store.get(table, key),
    range: (table, range) => store.range(table, range),
    commit: async (writes) => {
      left -= 1;
      return left < 0 ? fail('store-io', 'killed') : store.commit(writes);
    },
    close: () => store.close(),
  };
}

const countOf = (store: Store, table: string): number => [...store.range(table, {})].length;

describe('data of the format before', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'iotw-format-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('are brought up to date by a start, told as it goes, and give the same state', async () => {
    const path = join(dir, 'ledger');
    const first = await openLmdbStore({ path });
    assert(first.ok);
    await oldStore(first.value);
    await first.value.close();
    const store = await openLmdbStore({ path });
    assert(store.ok);
    const lines: string[] = [];
    const restored = await restoreLedger(store.value, t.genesis, {}, undefined, (line) => lines.push(line));
    assert(restored.ok, restored.ok ? '' : restored.error.message);
    expect(restored.value.ledger.stateRoot()).toEqual(root);
    expect(lines[0]).toBe('data of format 3 to 4: sheets of the state are put apart from what stays');
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.at(-1)).toBe('data of format 3 to 4: done');
    expect(countOf(store.value, 'sheets')).toBe(0);
    expect(countOf(store.value, STATE_TABLE)).toBe(SHEETS.length);
    // The next save finds them as it writes them.
    const saved = { ...SHEETS[0]!, table: STATE_TABLE, rewritten: true } as Write;
    expect((await store.value.commit([saved])).ok).toBe(true);
    await store.value.close();
    const again = await openLmdbStore({ path });
    assert(again.ok);
    const quiet: string[] = [];
    const second = await restoreLedger(again.value, t.genesis, {}, undefined, (line) => quiet.push(line));
    expect([second.ok, quiet]).toEqual([true, []]);
    await again.value.close();
  });

  it('are whole after a kill behind any commit of the step: the next start goes on', async () => {
    const commits = Math.ceil(SHEETS.length / 32) + 1;
    expect(commits).toBeGreaterThan(3);
    for (let kill = 0; kill < commits; kill++) {
      const store = await oldStore();
      expect(await upgradeData(dying(store, kill), () => {})).toMatchObject({ error: { code: 'store-io' } });
      expect(checkDataFormat(store)).toMatchObject({ error: { code: 'store-format-upgrade' } });
      expect(countOf(store, 'sheets') === 0).toBe(kill === commits - 1);
      const restored = await restoreLedger(store, t.genesis, {});
      assert(restored.ok, `${kill}`);
      expect(restored.value.ledger.stateRoot()).toEqual(root);
      expect(checkDataFormat(store)).toEqual(ok(undefined));
    }
  });
});

it('are whole after a fault between the two flushes of any commit of the step', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'iotw-format-'));
  const path = join(dir, 'ledger');
  const open = async (failpoints?: string) => {
    const armed = failpoints === undefined ? ok(undefined) : parseFailpoints(failpoints);
    assert(armed.ok);
    const store = await openLmdbStore({ path, failpoints: armed.value });
    assert(store.ok, store.ok ? '' : store.error.message);
    return store.value;
  };
  await (await oldStore(await open())).close();
  for (let commit = 0; commit < Math.ceil(SHEETS.length / 32); commit++) {
    // Each start after the first comes one commit further.
    const killed = await open(`store-rewritten-after-sync=eio@${commit === 0 ? 1 : 2}`);
    expect(await upgradeData(killed, () => {})).toMatchObject({ error: { code: 'store-io' } });
    await killed.close();
  }
  const store = await open();
  const restored = await restoreLedger(store, t.genesis, {});
  assert(restored.ok, restored.ok ? '' : restored.error.message);
  expect(restored.value.ledger.stateRoot()).toEqual(root);
  await store.close();
  const again = await open();
  expect([...again.range(STATE_TABLE, {})].length).toBe(SHEETS.length);
  await again.close();
  rmSync(dir, { recursive: true });
});

describe('data of a format that this software does not bring up', () => {
  it.each([
    ['a newer one', DATA_FORMAT + 1, 'store-format-newer', 'go back to the newer software'],
    ['an older one than the last', DATA_FORMAT - 2, 'store-format-older', 'one after another'],
  ])('%s is refused and stays as it was', async (_, format, code, words) => {
    const store = await oldStore(openMemoryStore(), [...OLD, formatted(format)]);
    const refused = await restoreLedger(store, t.genesis, {});
    expect(refused).toMatchObject({ ok: false, error: { code, data: { format, expected: DATA_FORMAT } } });
    expect(refused.ok ? '' : refused.error.message).toContain(words);
    expect([countOf(store, 'sheets'), countOf(store, STATE_TABLE)]).toEqual([SHEETS.length, 0]);
  });

  it('a new store gets the present one', async () => {
    const store = openMemoryStore();
    expect(checkDataFormat(store)).toEqual(ok(undefined));
    expect((await restoreLedger(store, t.genesis, {})).ok).toBe(true);
    expect(checkDataFormat(store)).toEqual(ok(undefined));
    expect(store.get('meta', utf8('format'))).toEqual(formatted(DATA_FORMAT).value);
  });

  it('steps are taken by the number they begin with, one a release', async () => {
    const store = await oldStore(openMemoryStore(), [...OLD, formatted(6)]);
    const steps = new Map([[6, { what: 'nothing', run: async () => ok(undefined) }]]);
    expect(await upgradeData(store, () => {}, { format: 8, steps })).toMatchObject({
      error: { code: 'store-format-older' },
    });
    expect(await upgradeData(store, () => {}, { format: 7, steps })).toEqual(ok(undefined));
    expect(checkDataFormat(store, { format: 7, steps })).toEqual(ok(undefined));
  });
});
