import { expect, it } from 'vitest';
import { Scratch } from './scratch.js';

it('is the same memory as long as it is large enough, and of the length asked for', () => {
  const scratch = new Scratch();
  const first = scratch.take(10);
  first.fill(7);
  expect(first.length).toBe(10);
  const shorter = scratch.take(4);
  expect([...shorter]).toEqual([7, 7, 7, 7]);
  expect(shorter.buffer).toBe(first.buffer);
  const longer = scratch.take(1_000);
  expect(longer.length).toBe(1_000);
  expect(longer.buffer).not.toBe(first.buffer);
  expect(longer.every((byte) => byte === 0)).toBe(true);
});
