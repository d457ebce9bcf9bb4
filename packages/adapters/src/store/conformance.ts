import { compareBytes, toHex, utf8 } from '@iotw/kernel/bytes';
import {
  type Range,
  ROOM_BEHIND,
  type Store,
  type StoreFault,
  valueToGive,
  type Write,
} from '@iotw/kernel/ports/store';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

export interface StoreFactory {
  /** A fresh, empty store that takes about `limitBytes` (undefined: no limit that matters). */
  open(limitBytes?: number): Promise<Store>;
  /** Releases what the factory holds for the stores it opened (their files). */
  dispose(): Promise<void>;
}

const put = (table: string, key: string, value: string | Uint8Array): Write => ({
  table,
  key: utf8(key),
  value: typeof value === 'string' ? utf8(value) : value,
});
const del = (table: string, key: string): Write => ({ table, key: utf8(key), value: undefined });

function show(store: Store, table: string, range: Range = {}): string {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return [...store.range(table, range)].map(([key, value]) => `${text(key)}=${text(value)}`).join(' ');
}

/** Registers the suite every store passes: the port's promises, one by one, and a model comparison. */
export function describeStore(name: string, factory: StoreFactory): void {
  describe(`store conformance: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await factory.open();
    });
    afterEach(async () => {
      await store.close();
      await factory.dispose();
    });

    test('reads back what was committed, and nothing from elsewhere', async () => {
      expect(await store.commit([put('a', 'k', 'v'), put('b', 'k', 'w')])).toEqual({
        ok: true,
        value: undefined,
      });
      expect(store.get('a', utf8('k'))).toEqual(utf8('v'));
      expect(store.get('b', utf8('k'))).toEqual(utf8('w'));
      expect(store.get('a', utf8('other'))).toBeUndefined();
      expect(store.get('never-written', utf8('k'))).toBeUndefined();
      expect([...store.range('never-written', {})]).toEqual([]);
    });

    test.each([0, 1, 3, 100, 2_000, 4_096, 5_000, 70_000, 1_000_000])(
      'keeps a value of %i bytes',
      async (size) => {
        const value = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
        await store.commit([put('a', 'k', value)]);
        expect(Buffer.compare(store.get('a', utf8('k'))!, value)).toBe(0);
        const [entry] = [...store.range('a', {})];
        expect(Buffer.compare(entry![1], value)).toBe(0);
      },
    );

    test('keeps an empty value that has no memory of its own', async () => {
      await store.commit([put('a', 'k', new Uint8Array(new ArrayBuffer(0)))]);
      expect(store.get('a', utf8('k'))).toEqual(new Uint8Array(0));
    });

    test('keeps keys of 1 and 64 bytes, refuses others', async () => {
      for (const length of [1, 64]) {
        const key = new Uint8Array(length).fill(255);
        expect((await store.commit([{ table: 'a', key, value: utf8('v') }])).ok).toBe(true);
        expect(store.get('a', key)).toEqual(utf8('v'));
      }
      for (const length of [0, 65]) {
        const write = { table: 'a', key: new Uint8Array(length), value: utf8('v') };
        await expect(store.commit([write])).rejects.toThrow('a key has');
      }
      expect((await store.commit([put('a', 'k', 'after')])).ok).toBe(true);
    });

    test('a later write of a commit wins, a delete of nothing is fine', async () => {
      await store.commit([put('a', 'k', '1'), put('a', 'k', '2'), del('a', 'none'), del('none', 'none')]);
      await store.commit([
        put('a', 'l', '1'),
        del('a', 'l'),
        put('a', 'm', 'x'),
        del('a', 'm'),
        put('a', 'm', 'y'),
      ]);
      expect(show(store, 'a')).toBe('k=2 m=y');
      expect((await store.commit([])).ok).toBe(true);
    });

    test.each([
      [{}, 'a=1 b=2 ba=3 c=4'],
      [{ reverse: true }, 'c=4 ba=3 b=2 a=1'],
      [{ from: 'b' }, 'b=2 ba=3 c=4'],
      [{ from: 'aa' }, 'b=2 ba=3 c=4'],
      [{ to: 'b' }, 'a=1'],
      [{ to: 'bb' }, 'a=1 b=2 ba=3'],
      [{ from: 'b', to: 'c' }, 'b=2 ba=3'],
      [{ from: 'b', to: 'c', reverse: true }, 'ba=3 b=2'],
      [{ from: 'b', to: 'c', reverse: true, limit: 1 }, 'ba=3'],
      [{ from: 'aa', to: 'bb', reverse: true }, 'ba=3 b=2'],
      [{ to: 'z', reverse: true, limit: 2 }, 'c=4 ba=3'],
      [{ from: 'b', reverse: true }, 'c=4 ba=3 b=2'],
      [{ limit: 0 }, ''],
      [{ limit: 2 }, 'a=1 b=2'],
      [{ from: 'c', to: 'b' }, ''],
      [{ from: 'b', to: 'b' }, ''],
      [{ from: 'x' }, ''],
      [{ to: 'a', reverse: true }, ''],
      [{ from: '', to: '' }, ''],
      [{ from: '' }, 'a=1 b=2 ba=3 c=4'],
    ])('range %j', async (given, expected) => {
      await store.commit([put('t', 'c', '4'), put('t', 'ba', '3'), put('t', 'a', '1'), put('t', 'b', '2')]);
      await store.commit([put('s', 'b0', 'x'), put('u', 'b0', 'x')]);
      const { from, to, ...rest } = given as {
        from?: string;
        to?: string;
        limit?: number;
        reverse?: boolean;
      };
      const range = {
        ...rest,
        ...(from === undefined ? {} : { from: utf8(from) }),
        ...(to === undefined ? {} : { to: utf8(to) }),
      };
      expect(show(store, 't', range)).toBe(expected);
    });

    test('keys sort as unsigned bytes', async () => {
      const keys = ['00', '0000', '01', '7f', '7fff', '80', 'ff', 'ff00', 'ffff'].map((hex) =>
        Buffer.from(hex, 'hex'),
      );
      await store.commit([...keys].reverse().map((key) => ({ table: 'a', key, value: key })));
      expect([...store.range('a', {})].map(([key]) => toHex(key))).toEqual(keys.map((key) => toHex(key)));
    });

    test('an iteration shows the state it started with', async () => {
      await store.commit([put('a', '1', 'x'), put('a', '2', 'x'), put('a', '3', 'x')]);
      const seen: string[] = [];
      for (const [key] of store.range('a', {})) {
        seen.push(new TextDecoder().decode(key));
        await store.commit([put('a', `${seen.length}5`, 'new'), del('a', '3')]);
      }
      expect(seen).toEqual(['1', '2', '3']);
      expect(show(store, 'a')).toBe('1=x 15=new 2=x 25=new 35=new');
      for (const _ of store.range('a', {})) break;
      expect((await store.commit([del('a', '1')])).ok).toBe(true);
    });

    test('bytes given and bytes handed out belong to their holder', async () => {
      const [key, value] = [utf8('key'), utf8('value')];
      const done = store.commit([{ table: 'a', key, value }]);
      key.fill(0);
      value.fill(0);
      await done;
      store.get('a', utf8('key'))!.fill(1);
      for (const [k, v] of store.range('a', {})) {
        k.fill(1);
        v.fill(1);
      }
      expect(store.get('a', utf8('key'))).toEqual(utf8('value'));
    });

    test('keeps values that are given to it, and leaves alone what lies around them', async () => {
      const values = [0, 1, 5_000, 70_000].map((length) => valueToGive(length).fill(7));
      const shared = new Uint8Array(64).fill(9);
      const inside = shared.subarray(20, 30).fill(1);
      const writes = [...values, inside].map(
        (value, i): Write => ({ table: 'a', key: utf8(`k${i}`), value, given: true }),
      );
      expect((await store.commit(writes)).ok).toBe(true);
      for (const [i, { value }] of writes.entries()) expect(store.get('a', utf8(`k${i}`))).toEqual(value);
      expect([...shared.subarray(0, 20), ...shared.subarray(30 + ROOM_BEHIND)]).toEqual(
        Array(54 - ROOM_BEHIND).fill(9),
      );
    });

    test.each([
      ['a table of values that stay', undefined, true],
      ['a table of rewritten values', true, undefined],
    ] as const)('does not mix kinds of values: %s takes no other', async (_, first, second) => {
      const kind = (rewritten: true | undefined): Write => {
        const write = { table: 'kinds', key: utf8('k'), value: utf8('v') };
        return rewritten === true ? { ...write, rewritten } : write;
      };
      await expect(store.commit([kind(first), kind(second)])).rejects.toThrow('all rewritten, or none');
      const pending = store.commit([kind(first)]);
      await expect(store.commit([kind(second)])).rejects.toThrow('all rewritten, or none');
      expect((await pending).ok).toBe(true);
    });

    test('refuses a given value without room behind it', async () => {
      const write: Write = { table: 'a', key: utf8('k'), value: new Uint8Array(ROOM_BEHIND), given: true };
      await expect(store.commit([write])).rejects.toThrow('room behind it');
    });

    test('commits given at once are all kept, in order, each visible when it resolves', async () => {
      const order: number[] = [];
      await Promise.all(
        Array.from({ length: 300 }, async (_, i) => {
          const result = await store.commit([put('a', 'last', String(i)), put('a', `k${i}`, String(i))]);
          expect(result.ok).toBe(true);
          expect(store.get('a', utf8(`k${i}`))).toEqual(utf8(String(i)));
          order.push(i);
        }),
      );
      expect(order).toEqual(Array.from({ length: 300 }, (_, i) => i));
      expect(store.get('a', utf8('last'))).toEqual(utf8('299'));
    });

    test('a full store refuses whole commits, still deletes, and takes writes again after', async () => {
      const small = await factory.open(1_000_000);
      const value = new Uint8Array(10_000).fill(7);
      const codes: string[] = [];
      let i = 0;
      for (; i < 200 && codes.length === 0; i++) {
        const result = await small.commit([put('a', `s${i}`, 'first'), put('b', `k${i}`, value)]);
        if (!result.ok) codes.push(result.error.code);
      }
      expect(codes).toEqual(['store-full' satisfies StoreFault]);
      expect(i).toBeGreaterThan(20);
      expect(small.get('a', utf8(`s${i - 1}`))).toBeUndefined();
      expect(small.get('b', utf8('k0'))).toBeDefined();
      const larger = new Uint8Array(20_000);
      // Space of deleted entries is used again, as often as one likes.
      for (let round = 0; round < 4; round++) {
        for (let k = 0; k < 12; k++) expect((await small.commit([del('b', `k${k}`)])).ok).toBe(true);
        for (let k = 0; k < 4; k++) expect((await small.commit([put('b', `k${k}`, larger)])).ok).toBe(true);
      }
      await small.close();
    });

    test('a closed store refuses, and close waits for what was given', async () => {
      const pending = store.commit([put('a', 'k', 'v')]);
      const closing = store.close();
      const late = await store.commit([put('a', 'late', 'v')]);
      expect(late).toMatchObject({ ok: false, error: { code: 'store-closed' satisfies StoreFault } });
      expect((await pending).ok).toBe(true);
      await closing;
      await store.close();
      expect(() => store.get('a', utf8('k'))).toThrow(expect.objectContaining({ code: 'store-closed' }));
      expect(() => [...store.range('a', {})]).toThrow(expect.objectContaining({ code: 'store-closed' }));
    });

    test('agrees with a sorted map over random commits', async () => {
      const key = fc.uint8Array({ minLength: 1, maxLength: 3 });
      const table = fc.constantFrom('x', 'y');
      const write = fc.record({
        table,
        key,
        value: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
      });
      const range = fc.record(
        { from: key, to: key, limit: fc.nat({ max: 10 }), reverse: fc.boolean() },
        { requiredKeys: [] },
      );
      const model = new Map<string, Map<string, Uint8Array>>();
      await fc.assert(
        fc.asyncProperty(fc.array(write, { maxLength: 20 }), table, range, async (writes, asked, given) => {
          expect((await store.commit(writes)).ok).toBe(true);
          for (const { table, key, value } of writes) {
            const rows = model.get(table) ?? new Map();
            model.set(table, rows);
            if (value === undefined) rows.delete(toHex(key));
            else rows.set(toHex(key), value);
          }
          let expected = [...(model.get(asked) ?? [])]
            .map(([hex, value]) => [new Uint8Array(Buffer.from(hex, 'hex')), value] as const)
            .filter(([k]) => given.from === undefined || compareBytes(k, given.from) >= 0)
            .filter(([k]) => given.to === undefined || compareBytes(k, given.to) < 0)
            .sort(([a], [b]) => compareBytes(a, b));
          if (given.reverse === true) expected.reverse();
          expected = expected.slice(0, given.limit ?? expected.length);
          expect([...store.range(asked, given)]).toEqual(expected);
        }),
        { numRuns: 60 },
      );
    });
  });
}
