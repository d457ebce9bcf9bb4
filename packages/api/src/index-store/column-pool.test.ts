import { expect, it } from 'vitest';
import { ColumnPool } from './column-pool.js';
import { MemoryTable, RUN_ENTRIES } from './memory-table.js';

it('gives a column again only after it was given back, whole even where a part came back', () => {
  const pool = new ColumnPool(100);
  const first = pool.take();
  expect(pool.take().buffer).not.toBe(first.buffer);
  pool.give(first.subarray(0, 7));
  const again = pool.take();
  expect(again.buffer).toBe(first.buffer);
  expect(again.length).toBe(100);
});

it('keeps no more than 64 columns', () => {
  const pool = new ColumnPool(1);
  const columns = Array.from({ length: 65 }, () => pool.take());
  for (const column of columns) pool.give(column);
  const kept = columns
    .map(() => pool.take())
    .filter(({ buffer }) => columns.some((c) => c.buffer === buffer));
  expect(kept).toHaveLength(64);
});

it('a table in columns that another gave back holds its own entries alone', () => {
  const pool = new ColumnPool(RUN_ENTRIES);
  const old = new MemoryTable(pool);
  for (let i = 0; i < RUN_ENTRIES + 3; i++) old.add(9, i);
  old.seal();
  old.release();
  const table = new MemoryTable(pool);
  [5, 9, 5].forEach((key, i) => {
    table.add(key, 100 + i);
  });
  const found = (key: number): number[] => {
    const out: number[] = [];
    table.collectBelow(key, Number.MAX_SAFE_INTEGER, 10, out);
    return out;
  };
  expect([found(5), found(9)]).toEqual([[102, 100], [101]]);
  table.seal();
  expect([found(5), found(9)]).toEqual([[102, 100], [101]]);
});
