import { describe, expect, test } from 'vitest';
import { CommitPace } from './commit-pace.js';

/** Commits of `bytes` as soon as they may begin, `every` ms at the earliest; the waits in ms. */
function waits(pace: CommitPace, bytes: number, every: number, count: number, fromMs = 0): number[] {
  let now = fromMs;
  return Array.from({ length: count }, () => {
    const wait = pace.waitMs(now);
    now += wait;
    pace.began(bytes, now);
    now += every;
    return wait;
  });
}

describe('the pace of commits', () => {
  test.each([
    { name: 'little at any rhythm', bytes: 500, every: 1, count: 5_000, waited: 0 },
    { name: 'as much as is let through for ever', bytes: 4_000, every: 2, count: 5_000, waited: 0 },
    { name: 'one large one', bytes: 10_000_000, every: 100, count: 1, waited: 0 },
    { name: 'a burst of a quarter of a megabyte', bytes: 32_768, every: 0, count: 9, waited: 0 },
    { name: 'and what comes after it', bytes: 32_768, every: 0, count: 12, waited: 30 },
  ])('$name', ({ bytes, every, count, waited }) => {
    const sum = waits(new CommitPace(), bytes, every, count).reduce((all, wait) => all + wait, 0);
    expect(sum).toBe(waited);
  });

  test('under load they begin ten ms apart', () => {
    expect(waits(new CommitPace(), 40_000, 3, 12).slice(-4)).toEqual([7, 7, 7, 7]);
  });

  test('is back to no wait soon after the load has gone', () => {
    const pace = new CommitPace();
    pace.began(10_000_000, 0);
    expect(pace.waitMs(4)).toBe(6);
    expect(pace.waitMs(10)).toBe(0);
    pace.began(100, 10);
    expect(pace.waitMs(11)).toBe(9);
    pace.began(100, 32);
    expect(pace.waitMs(32)).toBe(10);
    expect(pace.waitMs(33)).toBe(0);
  });
});
