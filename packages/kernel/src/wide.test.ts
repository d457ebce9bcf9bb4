import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mulDivFloor } from './wide.js';

const MAX = Number.MAX_SAFE_INTEGER;

test('mulDivFloor equals BigInt arithmetic', () => {
  const property = fc.property(
    fc.maxSafeNat(),
    fc.maxSafeNat(),
    fc.integer({ min: 1, max: MAX }),
    (a, b, c) => {
      const exact = (BigInt(a) * BigInt(b)) / BigInt(c);
      if (exact > BigInt(MAX)) expect(() => mulDivFloor(a, b, c)).toThrow('exceeds');
      else expect(mulDivFloor(a, b, c)).toBe(Number(exact));
    },
  );
  fc.assert(property, { numRuns: 2000 });
});

test('mulDivFloor where the product is near 2^53 and the quotient near an integer', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 2 ** 27 }),
    fc.integer({ min: -3, max: 3 }),
    (c, d) => {
      const q = Math.min(MAX, Math.floor(MAX / c) + d);
      for (const [a, b] of [
        [q, c],
        [q * c <= MAX ? q * c - 1 : q, 1],
      ] as const) {
        expect(mulDivFloor(a, b, c)).toBe(Number((BigInt(a) * BigInt(b)) / BigInt(c)));
      }
    },
  );
  fc.assert(property, { numRuns: 1000 });
});

test.each([
  [0, 0, 1, 0],
  [7, 3, 2, 10],
  [MAX, MAX, MAX, MAX],
  [MAX, 9999, 10_000, 9006298534815516],
  [MAX, 1, MAX, 1],
  [MAX - 1, 1, MAX, 0],
  // The product is 2^53, where doubles stop telling neighbours apart.
  [2 ** 27, 2 ** 26, 3, 3002399751580330],
  [94906267, 94906265, 94906266, 94906265],
])('mulDivFloor(%i, %i, %i) = %i', (a, b, c, expected) => {
  expect(mulDivFloor(a, b, c)).toBe(expected);
});

test.each([
  [1, 1, 0],
  [-1, 1, 1],
  [1, 1.5, 1],
  [1, 1, Number.NaN],
  [MAX + 1, 1, 1],
])('mulDivFloor(%d, %d, %d) is a bug', (a, b, c) => {
  expect(() => mulDivFloor(a, b, c)).toThrow('mulDivFloor');
});
