import fc from 'fast-check';
import { expect, it } from 'vitest';
import { merkleRoot } from './merkle.js';
import { merkleRangePath, verifyMerkleRange } from './merkle-range.js';
import { Prng } from './prng.js';

const LIMIT = 64;
const range = fc
  .record({ length: fc.integer({ min: 1, max: LIMIT }), a: fc.nat(), b: fc.nat() })
  .map(({ length, a, b }) => {
    const first = a % length;
    return { length, first, count: 1 + (b % (length - first)) };
  });

it('a run of leaves is proven by the nodes beside it, and by nothing else', () => {
  fc.assert(
    fc.property(range, fc.nat(), ({ length, first, count }, where) => {
      const leaves = new Prng(`leaves ${length}`).bytes(32 * length);
      const root = merkleRoot(leaves, length, LIMIT);
      const path = merkleRangePath(leaves, length, LIMIT, first, count);
      const part = leaves.slice(32 * first, 32 * (first + count));
      expect(verifyMerkleRange(root, part, first, path, LIMIT)).toBe(true);
      expect(verifyMerkleRange(root, part, first + 1, path, LIMIT)).toBe(false);
      expect(verifyMerkleRange(root, part, first, path.slice(1), LIMIT)).toBe(false);
      expect(verifyMerkleRange(root, part, first, [path[0]!, ...path], LIMIT)).toBe(false);
      expect(verifyMerkleRange(root, part, first, path, 2 * LIMIT)).toBe(false);
      const bent = part.slice();
      bent[where % bent.length]! ^= 1;
      expect(verifyMerkleRange(root, bent, first, path, LIMIT)).toBe(false);
      const bentPath = path.map((node) => node.slice());
      bentPath[where % bentPath.length]![where % 32]! ^= 1;
      expect(verifyMerkleRange(root, part, first, bentPath, LIMIT)).toBe(false);
    }),
  );
});

it('foreign shapes are refused', () => {
  const leaves = new Prng('shapes').bytes(96);
  const root = merkleRoot(leaves, 3, LIMIT);
  const path = merkleRangePath(leaves, 3, LIMIT, 0, 3);
  expect(verifyMerkleRange(root, leaves, 0, path, LIMIT)).toBe(true);
  for (const wrong of [
    [],
    [new Uint8Array(31)],
    path.slice(0, -1),
    [...path.slice(0, -1), new Uint8Array(32).fill(255)],
  ]) {
    expect(verifyMerkleRange(root, leaves, 0, wrong, LIMIT)).toBe(false);
  }
  expect(verifyMerkleRange(root, leaves.subarray(0, 33), 0, path, LIMIT)).toBe(false);
  expect(verifyMerkleRange(root, new Uint8Array(0), 0, path, LIMIT)).toBe(false);
  expect(verifyMerkleRange(root, leaves, -1, path, LIMIT)).toBe(false);
});
