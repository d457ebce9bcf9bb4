/**
 * Working memory of one place in the code, used again at each turn instead of allocated: a fresh array for every
 * block or round counts as external memory, and its growth makes the collector walk the whole heap.
 */
export class Scratch {
  #bytes = new Uint8Array(0);

  /** `length` bytes with anything in them, good until the next call: never keep them, never hand them out of reach. */
  take(length: number): Uint8Array {
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(2 * length);
    return this.#bytes.subarray(0, length);
  }
}
