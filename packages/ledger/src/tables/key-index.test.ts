import { Prng } from '@iotw/kernel/prng';
import { describe, expect, it } from 'vitest';
import { KeyIndex } from './key-index.js';

const key = (keys: Uint8Array, row: number) => keys.subarray(32 * row, 32 * row + 32);

describe('the key index', () => {
  it('finds every row through growth, and nothing else', () => {
    const rows = 5_000;
    const keys = new Prng('keys').bytes(32 * rows);
    const index = new KeyIndex(new Uint8Array(32));
    for (let row = 0; row < rows; row++) index.add(keys, row);
    for (let row = 0; row < rows; row++) expect(index.find(keys, keys, 32 * row)).toBe(row);
    expect(index.find(keys, new Uint8Array(32), 0)).toBe(-1);
  });

  it('forgets the last rows as if they had never been added', () => {
    const keys = new Prng('more').bytes(32 * 3_000);
    const index = new KeyIndex(new Uint8Array(32));
    for (let row = 0; row < 2_000; row++) index.add(keys, row);
    for (let row = 1_999; row >= 400; row--) index.removeLast(keys, row);
    for (let row = 0; row < 2_000; row++) {
      expect(index.find(keys, keys, 32 * row)).toBe(row < 400 ? row : -1);
    }
    index.add(keys, 400);
    expect(index.find(keys, key(keys, 400), 0)).toBe(400);
  });

  it('takes keys that differ in a few bits only', () => {
    const rows = 4_096;
    const keys = new Uint8Array(32 * rows);
    for (let row = 0; row < rows; row++) {
      keys[32 * row + 1] = row & 0xff;
      keys[32 * row + 31] = row >>> 8;
    }
    const index = new KeyIndex(new Prng('salt').bytes(32));
    for (let row = 0; row < rows; row++) index.add(keys, row);
    for (let row = 0; row < rows; row += 7) expect(index.find(keys, keys, 32 * row)).toBe(row);
  });

  it('agrees with a map while rows come, are found again and again, and the last ones go', () => {
    const most = 20_000; // More than the index keeps beside itself of those found lately.
    const random = new Prng('steps');
    const keys = random.bytes(32 * most);
    const index = new KeyIndex(random.bytes(32));
    let rows = 0;
    for (let turn = 0; turn < 40; turn++) {
      const target = turn === 39 ? most : random.below(most);
      for (; rows > target; rows--) {
        index.removeLast(keys, rows - 1);
        keys.fill(0, 32 * (rows - 1), 32 * rows); // As a table does with a row it drops.
      }
      for (; rows < target; rows++) {
        keys.set(random.bytes(32), 32 * rows);
        index.add(keys, rows);
      }
      const wrong: number[] = [];
      for (let i = 0; i < 4_000; i++) {
        const row = random.below(Math.max(1, rows));
        if (rows > 0 && index.find(keys, keys, 32 * row) !== row) wrong.push(row);
      }
      expect(wrong).toEqual([]);
      expect(index.find(keys, new Uint8Array(32), 0)).toBe(-1);
    }
  });

  it('forgets what it found lately with the row', () => {
    const rows = 20_000;
    const keys = new Prng('zeros').bytes(32 * rows);
    keys.fill(0, 32 * (rows - 1));
    const index = new KeyIndex(new Prng('salt').bytes(32));
    for (let row = 0; row < rows; row++) index.add(keys, row);
    expect(index.find(keys, new Uint8Array(32), 0)).toBe(rows - 1);
    index.removeLast(keys, rows - 1);
    expect(index.find(keys, new Uint8Array(32), 0)).toBe(-1);
    index.rebuild(keys, rows);
    expect(index.find(keys, new Uint8Array(32), 0)).toBe(rows - 1);
    index.rebuild(keys, rows - 1);
    expect(index.find(keys, new Uint8Array(32), 0)).toBe(-1);
  });
});
