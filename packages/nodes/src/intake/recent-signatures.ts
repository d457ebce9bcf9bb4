import { readU32 } from '@iotw/kernel/bytes';

const WORDS = 4;

/**
 * The signatures lately found valid in this process, by 16 bytes of their R. An envelope that carries one of
 * them is either the same transaction again or invalid, so it can be dropped without verifying it; only
 * valid signatures enter, so nobody can shut out a transaction that was not yet seen.
 * Two generations of `perGeneration` entries each: bounded, and the oldest are forgotten together.
 */
export class RecentSignatures {
  readonly #perGeneration: number;
  readonly #mask: number;
  #young: Uint32Array;
  #old: Uint32Array;
  #youngCount = 0;

  constructor(perGeneration: number) {
    let slots = 16;
    while (slots < 2 * perGeneration) slots *= 2;
    this.#perGeneration = perGeneration;
    this.#mask = slots - 1;
    this.#young = new Uint32Array(slots * WORDS);
    this.#old = new Uint32Array(slots * WORDS);
  }

  /** `bytes` at `at`: a 64-byte signature. */
  has(bytes: Uint8Array, at: number): boolean {
    return this.#find(this.#young, bytes, at) < 0 || this.#find(this.#old, bytes, at) < 0;
  }

  /** false where it was there already. */
  add(bytes: Uint8Array, at: number): boolean {
    const slot = this.#find(this.#young, bytes, at);
    if (slot < 0 || this.#find(this.#old, bytes, at) < 0) return false;
    for (let w = 0; w < WORDS; w++) this.#young[slot * WORDS + w] = word(bytes, at, w);
    this.#youngCount += 1;
    if (this.#youngCount >= this.#perGeneration) {
      const emptied = this.#old.fill(0);
      this.#old = this.#young;
      this.#young = emptied;
      this.#youngCount = 0;
    }
    return true;
  }

  /** -1 where present, else the free slot to put it in. */
  #find(table: Uint32Array, bytes: Uint8Array, at: number): number {
    let slot = word(bytes, at, 0) & this.#mask;
    for (;;) {
      const from = slot * WORDS;
      if (table[from] === 0 && table[from + 1] === 0 && table[from + 2] === 0 && table[from + 3] === 0)
        return slot;
      let same = true;
      for (let w = 0; w < WORDS; w++) {
        if (table[from + w] !== word(bytes, at, w)) {
          same = false;
          break;
        }
      }
      if (same) return -1;
      slot = (slot + 1) & this.#mask;
    }
  }
}

function word(bytes: Uint8Array, at: number, index: number): number {
  const value = readU32(bytes, at + 4 * index);
  // All-zero entries mean "free"; an R of 16 zero bytes is never a valid signature's in practice, but must terminate.
  return index === 0 && value === 0 ? 1 : value;
}
