const SMALLEST_BITS = 13;
/** Bytes kept for reuse at most; beyond it buffers are left to the garbage collector. */
const KEPT_BYTES = 16 * 1024 ** 2;

/** Buffers that travel to the workers and back, used again and again: each has a power of two as its size. */
export class BufferPool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  #keptBytes = 0;

  /** A buffer of at least `bytes`; what it holds is anybody's guess. */
  take(bytes: number): ArrayBuffer {
    let size = 2 ** SMALLEST_BITS;
    while (size < bytes) size *= 2;
    const free = this.#free.get(size)?.pop();
    if (free === undefined) return new ArrayBuffer(size);
    this.#keptBytes -= size;
    return free;
  }

  /** One that `take` gave, back from its worker. */
  give(buffer: ArrayBuffer): void {
    const size = buffer.byteLength;
    if (this.#keptBytes + size > KEPT_BYTES) return;
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [buffer]);
    else free.push(buffer);
    this.#keptBytes += size;
  }
}
