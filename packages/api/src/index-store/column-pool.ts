/** Columns kept for reuse at most, 8 MB of them; beyond it they are left to the garbage collector. */
const KEPT_COLUMNS = 64;

/**
 * Columns of `entries` numbers that young segments hold while they gather, used again by the next: fresh ones
 * would live until the collector next walks the whole heap, and so bring that on.
 */
export class ColumnPool {
  readonly #entries: number;
  readonly #free: ArrayBuffer[] = [];

  constructor(entries: number) {
    this.#entries = entries;
  }

  /** A column with anything in it. */
  take(): Float64Array<ArrayBuffer> {
    const free = this.#free.pop();
    return free === undefined ? new Float64Array(this.#entries) : new Float64Array(free);
  }

  /** A column that `take` gave, or a part of one; nobody reads it any more. */
  give(column: Float64Array<ArrayBuffer>): void {
    if (this.#free.length < KEPT_COLUMNS) this.#free.push(column.buffer);
  }
}
