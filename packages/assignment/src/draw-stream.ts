import { readU32, writeU32 } from '@iotw/kernel/bytes';
import { sha256Into } from '@iotw/kernel/sha256';

const WORD_BYTES = 8;
const RANGE = 2 ** 53;

/**
 * Unbiased integers from SHA-256 in counter mode: block i is SHA-256(prefix || u32 i), read as four
 * little-endian 64-bit words of which the low 53 bits count.
 */
export class DrawStream {
  readonly #input: Uint8Array;
  readonly #block = new Uint8Array(32);
  #at = 32;
  #counter = 0;

  /** `prefix`: 32 bytes that are this stream's alone. */
  constructor(prefix: Uint8Array) {
    this.#input = new Uint8Array(prefix.length + 4);
    this.#input.set(prefix, 0);
  }

  /** An integer of 0 .. bound-1, for a bound of 1 .. 2^53: words in the incomplete last multiple are passed over. */
  below(bound: number): number {
    const limit = RANGE - (RANGE % bound);
    for (;;) {
      const word = this.#word();
      if (word < limit) return word % bound;
    }
  }

  #word(): number {
    if (this.#at === 32) {
      writeU32(this.#input, this.#input.length - 4, this.#counter++);
      sha256Into(this.#block, this.#input);
      this.#at = 0;
    }
    const low = readU32(this.#block, this.#at);
    const high = readU32(this.#block, this.#at + 4) & 0x1f_ffff;
    this.#at += WORD_BYTES;
    return high * 0x1_0000_0000 + low;
  }
}
