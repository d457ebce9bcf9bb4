import { sha256 } from '@iotw/kernel/sha256';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DrawStream } from './draw-stream.js';

const PREFIX = new Uint8Array(32).fill(6);

/** Word i of the stream by BigInt. */
function word(i: number): bigint {
  const block = sha256(new Uint8Array([...PREFIX, Math.floor(i / 4), 0, 0, 0]));
  return new DataView(block.buffer).getBigUint64(8 * (i % 4), true) & (2n ** 53n - 1n);
}

it('reads the low 53 bits of each little-endian word of SHA-256(prefix || counter)', () => {
  const stream = new DrawStream(PREFIX);
  for (let i = 0; i < 20; i++) expect(BigInt(stream.below(2 ** 53))).toBe(word(i));
});

it('passes over words in the incomplete last multiple of the bound', () => {
  // A third of all words is refused for this bound.
  const bound = 3 * 2 ** 50 - 1;
  const limit = 2n ** 53n - (2n ** 53n % BigInt(bound));
  const expected = Array.from({ length: 100 }, (_, i) => word(i)).filter((w) => w < limit);
  expect(expected.length).toBeLessThan(90);
  const stream = new DrawStream(PREFIX);
  for (const w of expected) expect(BigInt(stream.below(bound))).toBe(w % BigInt(bound));
});

it('stays below any bound', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 53 - 1 }), (bound) => {
      const value = new DrawStream(PREFIX).below(bound);
      expect(Number.isSafeInteger(value) && value >= 0 && value < bound).toBe(true);
    }),
  );
});
