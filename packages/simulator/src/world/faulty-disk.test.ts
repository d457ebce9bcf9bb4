import type { Write } from '@iotw/kernel/ports/store';
import { Prng } from '@iotw/kernel/prng';
import { describe, expect, it } from 'vitest';
import { FaultyDisk } from './faulty-disk.js';

const key = (n: number) => Uint8Array.of(0, n);
const write = (n: number, value: number | undefined): Write =>
  value === undefined
    ? { table: 'rows', key: key(n), value: undefined }
    : { table: 'rows', key: key(n), value: Uint8Array.of(value, value, value) };

function rows(disk: FaultyDisk): [number, number][] {
  return disk.range('rows', {}).map(([k, value]) => [k[1]!, value[0]!]);
}

describe('a faulty disk', () => {
  it('shows what is synced, in the order of the keys', () => {
    const disk = new FaultyDisk();
    disk.write([write(2, 7), write(1, 6)]);
    expect(rows(disk)).toEqual([]);
    disk.sync();
    expect(rows(disk)).toEqual([
      [1, 6],
      [2, 7],
    ]);
    disk.write([write(2, undefined)]);
    disk.sync();
    expect(rows(disk)).toEqual([[1, 6]]);
    expect(disk.range('rows', { from: key(2) })).toEqual([]);
  });

  it('keeps what was synced and whole commits from the front of what was not, whatever the crash', () => {
    const lengths = new Set<number>();
    let torn = 0;
    for (let seed = 0; seed < 200; seed++) {
      const disk = new FaultyDisk();
      disk.write([write(0, 1)]);
      disk.sync();
      for (let n = 1; n <= 5; n++) disk.write([write(n, n), write(n + 100, n)]);
      disk.crash(new Prng(seed));
      const left = rows(disk);
      const commits = (left.length - 1) / 2;
      expect(Number.isInteger(commits)).toBe(true);
      const numbers = Array.from({ length: commits }, (_, i) => i + 1);
      expect(left).toEqual([[0, 1], ...numbers.map((n) => [n, n]), ...numbers.map((n) => [n + 100, n])]);
      expect(disk.stats.lost + disk.stats.survived).toBe(5);
      lengths.add(commits);
      torn += disk.stats.torn;
    }
    expect([...lengths].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(torn).toBeGreaterThan(20);
  });
});
