import { assert } from './assert.js';
import { concatBytes, readU32, utf8 } from './bytes.js';
import { sha256 } from './sha256.js';

/**
 * A seeded generator (xoshiro128**, Blackman and Vigna 2018, state from SHA-256 of the seed) for
 * simulation and tests: the same seed gives the same run everywhere. Never for keys or for anything
 * the protocol draws: its state can be computed from its output.
 */
export class Prng {
  readonly #seed: Uint8Array;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: string | number | Uint8Array) {
    this.#seed = sha256(seed instanceof Uint8Array ? seed : utf8(String(seed)));
    this.#a = readU32(this.#seed, 0);
    this.#b = readU32(this.#seed, 4);
    this.#c = readU32(this.#seed, 8);
    // The all-zero state is the one that never leaves itself.
    this.#d = readU32(this.#seed, 12) | 1;
  }

  /** An integer of 0 .. 2^32-1. */
  nextU32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** An unbiased integer of 0 .. n-1, for n of 1 .. 2^32. */
  below(n: number): number {
    assert(Number.isInteger(n) && n >= 1 && n <= 0x1_0000_0000, 'below takes 1 to 2^32');
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % n);
    for (;;) {
      const value = this.nextU32();
      if (value < limit) return value % n;
    }
  }

  /** `n` random bytes, freshly allocated. */
  bytes(n: number): Uint8Array {
    const out = new Uint8Array(n);
    for (let at = 0; at < n; at += 4) {
      const word = this.nextU32();
      for (let i = 0; i < 4 && at + i < n; i++) out[at + i] = word >>> (8 * i);
    }
    return out;
  }

  /** True with probability numerator / denominator (integers, 0 <= numerator <= denominator). */
  chance(numerator: number, denominator: number): boolean {
    assert(
      Number.isInteger(numerator) && numerator >= 0 && numerator <= denominator,
      'a chance lies between 0 and 1',
    );
    return this.below(denominator) < numerator;
  }

  /** One element of a non-empty array. */
  pick<T>(array: readonly T[]): T {
    assert(array.length > 0, 'nothing to pick from');
    return array[this.below(array.length)] as T;
  }

  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T>(array: T[]): T[] {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = array[i] as T;
      array[i] = array[j] as T;
      array[j] = held;
    }
    return array;
  }

  /**
   * A generator of its own, from this one's seed and the label alone: what was drawn here before
   * does not change it, so one more draw in one part of a simulation leaves the others as they were.
   */
  fork(label: string): Prng {
    return new Prng(concatBytes(this.#seed, utf8(label)));
  }
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}
