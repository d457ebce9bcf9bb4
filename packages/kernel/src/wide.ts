import { assert } from './assert.js';

/**
 * Exact floor(a * b / c) for safe integers a, b >= 0 and c > 0, whatever the size of a * b.
 * A result above 2^53-1 is a bug of the caller.
 */
export function mulDivFloor(a: number, b: number, c: number): number {
  assert(
    Number.isSafeInteger(a) &&
      Number.isSafeInteger(b) &&
      Number.isSafeInteger(c) &&
      a >= 0 &&
      b >= 0 &&
      c > 0,
    'mulDivFloor takes safe integers, not negative, and a positive divisor',
  );
  const product = a * b;
  // A rounded product above 2^53-1 never rounds down to below it, so this test is exact; so is the
  // quotient's floor: below 2^53 it lies further from the next integer than rounding reaches.
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / c);
  const quotient = Number((BigInt(a) * BigInt(b)) / BigInt(c));
  assert(Number.isSafeInteger(quotient), 'mulDivFloor result exceeds 2^53-1');
  return quotient;
}
