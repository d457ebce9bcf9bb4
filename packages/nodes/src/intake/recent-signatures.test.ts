import { describe, expect, test } from 'vitest';
import { RecentSignatures } from './recent-signatures.js';

/** A signature whose R begins with these words. */
function signature(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(64);
  words.forEach((word, i) => {
    new DataView(bytes.buffer).setUint32(4 * i, word, true);
  });
  return bytes;
}

/** Words that differ like those of signatures do. */
const numbered = (i: number) =>
  signature(Math.imul(i + 1, 0x2c1b_3c6d) >>> 0, Math.imul(i + 1, 0x297a_2d39) >>> 0);

describe('the memory of recent signatures', () => {
  test.each([
    { name: 'the same', other: signature(1, 2, 3), found: true },
    { name: 'the same but for what it does not look at', other: signature(1, 2, 4), found: true },
    { name: 'another first word', other: signature(3, 2, 3), found: false },
    { name: 'another second word', other: signature(1, 3, 3), found: false },
    { name: 'zeros, as in an empty slot', other: signature(0, 0), found: false },
  ])('knows $name: $found', ({ other, found }) => {
    const recent = new RecentSignatures(16, 99);
    recent.put(signature(1, 2, 3), 0);
    expect(recent.has(other, 0)).toBe(found);
  });

  test('reads a signature where it stands in other bytes', () => {
    const recent = new RecentSignatures(16, 99);
    const bytes = new Uint8Array(100);
    bytes.set(signature(7, 8), 33);
    recent.put(bytes, 33);
    expect([recent.has(bytes, 33), recent.has(bytes, 34), recent.has(signature(7, 8), 0)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('of the last it is made for it forgets one in a thousand at most, and no more than it has room for', () => {
    const remembered = 10_000;
    const recent = new RecentSignatures(remembered, 0xdead_beef);
    for (let i = 0; i < 20 * remembered; i++) recent.put(numbered(i), 0);
    const held = Array.from({ length: 20 * remembered }, (_, i) => recent.has(numbered(i), 0));
    const last = held.slice(-remembered).filter((is) => is).length;
    expect(last).toBeGreaterThanOrEqual(remembered - remembered / 1_000);
    // 65,536 slots for 10,000.
    expect(held.filter((is) => is).length).toBeLessThanOrEqual(65_536);
    expect(held.slice(0, remembered)).not.toContain(true);
  });

  test('a bucket forgets its oldest', () => {
    // One word that is the same and factors of 1 and -1640531535: the second word alone chooses among 16 buckets.
    const recent = new RecentSignatures(1, 1);
    const same = Array.from({ length: 9 }, (_, i) => signature(i + 1, 0));
    for (const one of same) recent.put(one, 0);
    expect(same.map((one) => recent.has(one, 0))).toEqual([false, ...Array(8).fill(true)]);
  });

  test('which signatures share a bucket depends on the salt', () => {
    const same = Array.from({ length: 9 }, (_, i) => signature(i + 1, 0));
    const recent = new RecentSignatures(1, 0x9e37_79b9);
    for (const one of same) recent.put(one, 0);
    expect(same.map((one) => recent.has(one, 0))).toEqual(Array(9).fill(true));
  });
});
