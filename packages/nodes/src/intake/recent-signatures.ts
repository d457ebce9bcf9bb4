import { readU32 } from '@iotw/kernel/bytes';

/** Words of an entry beside its tag. */
const REST = 3;

/** Open addressing: a word of each entry apart from the others, so that most look-ups touch one cache line. */
interface Generation {
  readonly tags: Uint32Array;
  readonly rest: Uint32Array;
}

/**
 * The signatures lately found valid in this process, by 16 bytes of their R. An envelope that carries one of
 * them is either the same transaction again or invalid, so it can be dropped without verifying it; only
 * valid signatures enter, so nobody can shut out a transaction that was not yet seen.
 * Two generations of `perGeneration` entries each: bounded, and the oldest are forgotten together.
 */
export class RecentSignatures {
  readonly #perGeneration: number;
  readonly #mask: number;
  #young: Generation;
  #old: Generation;
  #youngCount = 0;

  constructor(perGeneration: number) {
    let slots = 16;
    while (slots < 2 * perGeneration) slots *= 2;
    this.#perGeneration = perGeneration;
    this.#mask = slots - 1;
    this.#young = generation(slots);
    this.#old = generation(slots);
  }

  /** `bytes` at `at`: a 64-byte signature. */
  has(bytes: Uint8Array, at: number): boolean {
    return this.#find(this.#young, bytes, at) < 0 || this.#find(this.#old, bytes, at) < 0;
  }

  /** false where it was there already. */
  add(bytes: Uint8Array, at: number): boolean {
    const slot = this.placeFor(bytes, at);
    if (slot >= 0) this.put(slot, bytes, at);
    return slot >= 0;
  }

  /** Where `put` may enter it, as long as nothing else is; -1 where it is there already. */
  placeFor(bytes: Uint8Array, at: number): number {
    const slot = this.#find(this.#young, bytes, at);
    return slot < 0 || this.#find(this.#old, bytes, at) < 0 ? -1 : slot;
  }

  /** Enters the signature for which `slot` was found. */
  put(slot: number, bytes: Uint8Array, at: number): void {
    const young = this.#young;
    young.tags[slot] = tagOf(bytes, at);
    for (let w = 0; w < REST; w++) young.rest[slot * REST + w] = readU32(bytes, at + 4 + 4 * w);
    this.#youngCount += 1;
    if (this.#youngCount >= this.#perGeneration) {
      this.#young = this.#old;
      this.#young.tags.fill(0);
      this.#old = young;
      this.#youngCount = 0;
    }
  }

  /** -1 where present, else the free slot to put it in. */
  #find({ tags, rest }: Generation, bytes: Uint8Array, at: number): number {
    const tag = tagOf(bytes, at);
    const mask = this.#mask;
    let slot = tag & mask;
    for (let found = tags[slot]!; found !== 0; slot = (slot + 1) & mask, found = tags[slot]!) {
      if (found !== tag) continue;
      const from = slot * REST;
      if (
        rest[from] === readU32(bytes, at + 4) &&
        rest[from + 1] === readU32(bytes, at + 8) &&
        rest[from + 2] === readU32(bytes, at + 12)
      ) {
        return -1;
      }
    }
    return slot;
  }
}

function generation(slots: number): Generation {
  return { tags: new Uint32Array(slots), rest: new Uint32Array(slots * REST) };
}

/** The first word of R; 0 means "free", so the one value that would be it stands for its neighbour. */
function tagOf(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at) || 1;
}
