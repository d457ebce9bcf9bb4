const SMALLEST_BITS = 13;
/** Bytes kept for reuse at most; beyond it buffers are left to the garbage collector. */
const KEPT_BYTES = 16 * 1024 ** 2;

/**
 * Buffers for writes on their way to disk, used again and again: a fresh ArrayBuffer for every commit
 * counts as external memory, and its growth makes the collector walk the whole heap several times a second.
 */
export class Arena {
  /** Free buffers by the power of two that is their size. */
  readonly #free: Buffer[][] = [];
  #keptBytes = 0;

  /** A buffer of at least `bytes`; what it holds is anybody's guess. */
  take(bytes: number): Buffer {
    const bits = bitsOf(bytes);
    const free = this.#free[bits]?.pop();
    if (free === undefined) return Buffer.from(new ArrayBuffer(2 ** bits));
    this.#keptBytes -= free.length;
    return free;
  }

  /** Nobody looks at the buffer any more. */
  give(buffer: Buffer): void {
    if (this.#keptBytes + buffer.length > KEPT_BYTES) return;
    const bits = bitsOf(buffer.length);
    let free = this.#free[bits];
    if (free === undefined) {
      free = [];
      this.#free[bits] = free;
    }
    free.push(buffer);
    this.#keptBytes += buffer.length;
  }
}

function bitsOf(bytes: number): number {
  let bits = SMALLEST_BITS;
  while (2 ** bits < bytes) bits++;
  return bits;
}
