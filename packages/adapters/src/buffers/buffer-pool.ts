const SMALLEST_BITS = 13;
/** Bytes kept for reuse at most; beyond it buffers are left to the garbage collector. */
const KEPT_BYTES = 16 * 1024 ** 2;

/**
 * Buffers used again and again, each of a power of two: on their way to disk, to a worker and back, to a socket.
 * A fresh ArrayBuffer each time counts as external memory, and its growth makes the collector walk the whole
 * heap several times a second.
 */
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

  /** One that `take` gave; nobody looks at it any more. */
  give(buffer: ArrayBuffer): void {
    const size = buffer.byteLength;
    if (this.#keptBytes + size > KEPT_BYTES) return;
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [buffer]);
    else free.push(buffer);
    this.#keptBytes += size;
  }
}
