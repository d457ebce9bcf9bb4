import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.js';

describe('a buffer pool', () => {
  it.each([
    [0, 8_192],
    [8_192, 8_192],
    [8_193, 16_384],
    [1_000_000, 1_048_576],
  ])('gives at least %i bytes: %i', (bytes, length) => {
    expect(new BufferPool().take(bytes).byteLength).toBe(length);
  });

  it('gives a buffer again only after it was given back', () => {
    const pool = new BufferPool();
    const first = pool.take(10_000);
    expect(pool.take(10_000)).not.toBe(first);
    pool.give(first);
    expect(pool.take(12_000)).toBe(first);
    expect(pool.take(12_000)).not.toBe(first);
  });

  it('keeps no more than its bound', () => {
    const pool = new BufferPool();
    const buffers = [1, 2, 3].map(() => pool.take(8 * 1024 ** 2));
    for (const buffer of buffers) pool.give(buffer);
    const again = [1, 2, 3].map(() => pool.take(8 * 1024 ** 2));
    expect(again.filter((buffer) => buffers.includes(buffer)).length).toBe(2);
  });
});
