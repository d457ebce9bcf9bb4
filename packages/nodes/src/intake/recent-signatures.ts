import { readU32 } from '@iotw/kernel/bytes';

/** Entries of a bucket; at two words each it is one cache line. */
const WAYS = 8;
const ENTRY = 2;
const BUCKET = WAYS * ENTRY;
/** Slots for each signature that is to be remembered: chance overfills few buckets then. */
const SLOTS_EACH = 4;
const LEAST_BUCKETS = 16;

/**
 * The signatures lately found valid in this process, by eight bytes of their R. An envelope that carries one of
 * them is either the same transaction again or invalid, so it can be dropped without verifying it; only
 * valid signatures enter, so nobody can shut out a transaction that was not yet seen.
 *
 * A table of buckets, each a line of the cache, that forget their oldest entry: of the last `remembered` signatures one in a
 * thousand is forgotten early, and then verified again and left to the ledger. `salt` spreads them over the buckets: without
 * knowing it nobody can choose signatures that push each other out and so be taken in again and again.
 */
export class RecentSignatures {
  readonly #words: Uint32Array;
  readonly #shift: number;
  readonly #factors: readonly [number, number];

  constructor(remembered: number, salt: number) {
    let bits = Math.log2(LEAST_BUCKETS);
    while (WAYS * 2 ** bits < SLOTS_EACH * remembered) bits += 1;
    this.#words = new Uint32Array(BUCKET * 2 ** bits);
    this.#shift = 32 - bits;
    this.#factors = [salt | 1, Math.imul(salt, 0x9e37_79b1) | 1];
  }

  /** `bytes` at `at`: a 64-byte signature. */
  has(bytes: Uint8Array, at: number): boolean {
    const low = lowOf(bytes, at);
    const high = readU32(bytes, at + 4);
    const words = this.#words;
    const from = this.#bucketOf(low, high);
    for (let entry = from; entry < from + BUCKET; entry += ENTRY) {
      if (words[entry] === low && words[entry + 1] === high) return true;
    }
    return false;
  }

  /** Enters a signature that is not there. */
  put(bytes: Uint8Array, at: number): void {
    const low = lowOf(bytes, at);
    const high = readU32(bytes, at + 4);
    const words = this.#words;
    const from = this.#bucketOf(low, high);
    // The newest stands first, so the one that falls out at the end is the oldest.
    for (let word = from + BUCKET - 1; word >= from + ENTRY; word--) words[word] = words[word - ENTRY]!;
    words[from] = low;
    words[from + 1] = high;
  }

  /** Of the first of its words: multiply-shift by secret factors. */
  #bucketOf(low: number, high: number): number {
    const [one, two] = this.#factors;
    return BUCKET * ((Math.imul(low, one) + Math.imul(high, two)) >>> this.#shift);
  }
}

/** 0 means "free", so the one value that would be it stands for its neighbour. */
function lowOf(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at) || 1;
}
