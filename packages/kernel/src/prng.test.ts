import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from './bytes.js';
import { Prng } from './prng.js';

/** xoshiro128** again, in BigInt and as published, to check the word arithmetic. */
function* reference(state: [bigint, bigint, bigint, bigint]): Generator<number> {
  const mask = 0xffff_ffffn;
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
  const s = state;
  for (;;) {
    yield Number((rotl((s[1] * 5n) & mask, 7n) * 9n) & mask);
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11n);
  }
}

test('the published algorithm from SHA-256 of the seed', () => {
  // SHA-256("abc") = ba7816bf 8f01cfea 414140de 5dae2223 ..., read as little-endian words.
  const words = reference([0xbf1678ban, 0xeacf018fn, 0xde404141n, 0x2322ae5dn]);
  const prng = new Prng('abc');
  for (let i = 0; i < 1000; i++) expect(prng.nextU32()).toBe(words.next().value);
});

test('strings, numbers and bytes seed alike; other seeds differ', () => {
  const first = (seed: string | number | Uint8Array) => new Prng(seed).bytes(16);
  expect(first('7')).toEqual(first(7));
  expect(first('7')).toEqual(first(utf8('7')));
  expect(first('7')).not.toEqual(first('8'));
});

test('below stays in range and reaches every value', () => {
  const prng = new Prng('below');
  for (const n of [1, 2, 3, 7]) {
    const seen = new Set(Array.from({ length: 200 }, () => prng.below(n)));
    expect([...seen].sort()).toEqual(Array.from({ length: n }, (_, i) => i));
  }
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (n) => prng.below(n) < n));
  for (const bad of [0, -1, 1.5, 2 ** 32 + 1]) expect(() => prng.below(bad)).toThrow();
});

test('below is unbiased where a plain remainder would not be', () => {
  // With n = 3 * 2^30 a remainder maps half of all words to the lowest third.
  const prng = new Prng('bias');
  const n = 3 * 2 ** 30;
  let low = 0;
  for (let i = 0; i < 9000; i++) if (prng.below(n) < 2 ** 30) low++;
  expect(low).toBeGreaterThan(2700);
  expect(low).toBeLessThan(3300);
});

test('bytes have the length asked for', () => {
  for (const n of [0, 1, 3, 4, 5, 32]) expect(new Prng('b').bytes(n).length).toBe(n);
  // A longer draw begins like a shorter one.
  expect(new Prng('b').bytes(8).subarray(0, 5)).toEqual(new Prng('b').bytes(5));
});

test('chance: never, always and about right', () => {
  const prng = new Prng('chance');
  const count = (a: number, b: number) =>
    Array.from({ length: 1000 }, () => prng.chance(a, b)).filter(Boolean).length;
  expect(count(0, 5)).toBe(0);
  expect(count(5, 5)).toBe(1000);
  expect(count(1, 4)).toBeGreaterThan(190);
  expect(count(1, 4)).toBeLessThan(310);
  expect(() => prng.chance(2, 1)).toThrow();
});

test('pick and shuffle', () => {
  const prng = new Prng('shuffle');
  const array = [1, 2, 3, 4, 5];
  expect(array).toContain(prng.pick(array));
  expect(() => prng.pick([])).toThrow('nothing');
  expect(prng.shuffle(array)).toBe(array);
  expect([...array].sort()).toEqual([1, 2, 3, 4, 5]);
  // All six orders of three occur about equally often.
  const orders = new Map<string, number>();
  for (let i = 0; i < 3000; i++) {
    const order = prng.shuffle(['a', 'b', 'c']).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect(orders.size).toBe(6);
  for (const n of orders.values()) expect(Math.abs(n - 500)).toBeLessThan(120);
});

test('a fork depends on seed and label alone', () => {
  const drawn = new Prng('root');
  drawn.bytes(100);
  expect(drawn.fork('clock').bytes(16)).toEqual(new Prng('root').fork('clock').bytes(16));
  expect(drawn.fork('clock').bytes(16)).not.toEqual(drawn.fork('links').bytes(16));
  expect(drawn.fork('a').fork('b').bytes(16)).not.toEqual(drawn.fork('ab').bytes(16));
});
