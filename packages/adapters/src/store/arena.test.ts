import { describe, expect, it } from 'vitest';
import { Arena } from './arena.js';

describe('an arena', () => {
  it.each([
    [0, 8_192],
    [8_192, 8_192],
    [8_193, 16_384],
    [1_000_000, 1_048_576],
  ])('gives at least %i bytes: %i', (bytes, length) => {
    expect(new Arena().take(bytes).length).toBe(length);
  });

  it('gives a buffer again only after it was given back', () => {
    const arena = new Arena();
    const first = arena.take(10_000);
    expect(arena.take(10_000)).not.toBe(first);
    arena.give(first);
    expect(arena.take(12_000)).toBe(first);
    expect(arena.take(12_000)).not.toBe(first);
  });

  it('keeps no more than its bound', () => {
    const arena = new Arena();
    const buffers = [1, 2, 3].map(() => arena.take(8 * 1024 ** 2));
    for (const buffer of buffers) arena.give(buffer);
    const again = [1, 2, 3].map(() => arena.take(8 * 1024 ** 2));
    expect(again.filter((buffer) => buffers.includes(buffer)).length).toBe(2);
  });
});
