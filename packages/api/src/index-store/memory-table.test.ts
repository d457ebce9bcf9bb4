import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryTable, RUN_ENTRIES } from './memory-table.js';
import { mergeSources, runSource } from './merge.js';

const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 200 });

function naive(all: readonly (readonly [number, number])[], key: number, before: number, limit: number) {
  return all
    .filter(([k, location]) => k === key && location < before)
    .map(([, location]) => location)
    .reverse()
    .slice(0, limit);
}

it('finds what a plain list finds, sealed or not, newest first', () => {
  fc.assert(
    fc.property(
      entries,
      fc.integer({ min: 0, max: 250 }),
      fc.integer({ min: 1, max: 20 }),
      (list, before, limit) => {
        const table = new MemoryTable();
        const all = list.map(([key, seal], location) => {
          table.add(key, location);
          if (seal) table.seal();
          return [key, location] as const;
        });
        for (let key = 0; key <= 6; key++) {
          const out: number[] = [];
          table.collectBelow(key, before, limit, out);
          expect(out).toEqual(naive(all, key, before, limit));
        }
      },
    ),
  );
});

it('sorts a run by key, and entries of one key stay in the order they came in', () => {
  const keys = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 39 - 1 }),
    fc.integer({ min: 0, max: 2 ** 14 }),
    fc.integer({ min: 0, max: 63 }).map((lane) => lane * 2 ** 33 + 7),
  );
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 300 }), fc.boolean(), (list, twice) => {
      const all = twice ? [...list, ...list] : list;
      const table = new MemoryTable();
      for (const [location, key] of all.entries()) table.add(key, location);
      table.seal();
      const wanted = all.map((key, location) => [key, location] as const);
      wanted.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      const run = table.runs[0] ?? { keys: new Float64Array(0), locations: new Float64Array(0) };
      expect([...run.keys].map((key, i) => [key, run.locations[i]!])).toEqual(wanted);
    }),
  );
});

it('seals itself when a run is full, and large keys keep their places', () => {
  const table = new MemoryTable();
  for (let i = 0; i <= RUN_ENTRIES; i++) table.add(2 ** 39 - 1 - (i % 3), i);
  expect(table.runs).toHaveLength(1);
  const out: number[] = [];
  table.collectBelow(2 ** 39 - 1, Number.MAX_SAFE_INTEGER, 2, out);
  expect(out).toEqual([RUN_ENTRIES - 1, RUN_ENTRIES - 4]);
});

it('a merge is sorted, whole, without doubles, in runs of the size asked for', () => {
  fc.assert(
    fc.property(fc.array(entries, { maxLength: 5 }), (lists) => {
      const sources = lists.flatMap((list) => {
        const table = new MemoryTable();
        list.forEach(([key, seal], location) => {
          table.add(key, location);
          if (seal) table.seal();
        });
        table.seal();
        return table.runs.map(runSource);
      });
      const runs = [...mergeSources(sources, 7)];
      expect(runs.slice(0, -1).every((run) => run.keys.length === 7)).toBe(true);
      const merged = runs.flatMap((run) => [...run.keys].map((key, i) => `${key}/${run.locations[i]}`));
      const expected = new Set(lists.flatMap((list) => list.map(([key], location) => `${key}/${location}`)));
      expect(new Set(merged)).toEqual(expected);
      expect(merged).toHaveLength(expected.size);
      const order = (a: string, b: string) =>
        Number(a.split('/')[0]) - Number(b.split('/')[0]) ||
        Number(a.split('/')[1]) - Number(b.split('/')[1]);
      expect(merged).toEqual([...merged].sort(order));
    }),
    { numRuns: 50 },
  );
});
