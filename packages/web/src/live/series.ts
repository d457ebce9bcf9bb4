/** Numbers over time in bounded memory: what the small charts show. */

export interface Series {
  /** Seconds. */
  readonly at: readonly number[];
  readonly values: readonly number[];
}

/** The last samples, oldest first. */
export class Samples {
  readonly #most: number;
  readonly #at: number[] = [];
  readonly #values: number[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** `at` in seconds; a sample that is not later than the last one is left out. */
  push(at: number, value: number): void {
    const last = this.#at.at(-1);
    if (!Number.isFinite(at) || !Number.isFinite(value) || (last !== undefined && at <= last)) return;
    this.#at.push(at);
    this.#values.push(value);
    if (this.#at.length > this.#most) {
      this.#at.shift();
      this.#values.shift();
    }
  }

  get series(): Series {
    return { at: [...this.#at], values: [...this.#values] };
  }
}

/** Sums per second over the last `seconds`. */
export class PerSecond {
  readonly #bins: Float64Array;
  #first: number | undefined;
  #newest = 0;

  constructor(seconds: number) {
    this.#bins = new Float64Array(seconds);
  }

  /** Adds to the second that `timeMs` lies in; one that has left the window is ignored. */
  add(timeMs: number, amount: number): void {
    const second = Math.floor(timeMs / 1_000);
    const size = this.#bins.length;
    if (this.#first === undefined || second - this.#newest >= size) {
      this.#bins.fill(0);
      this.#first = second;
      this.#newest = second;
    }
    for (; this.#newest < second; this.#newest++) this.#bins[(this.#newest + 1) % size] = 0;
    if (second > this.#newest - size) this.#bins[second % size]! += amount;
  }

  /** Whole seconds before `nowMs` that were watched from their beginning on. */
  before(nowMs: number): Series {
    if (this.#first === undefined) return { at: [], values: [] };
    const size = this.#bins.length;
    const end = Math.floor(nowMs / 1_000);
    const at: number[] = [];
    const values: number[] = [];
    for (let second = Math.max(end - size + 1, this.#first + 1); second < end; second++) {
      at.push(second);
      const kept = second <= this.#newest && second > this.#newest - size;
      values.push(kept ? this.#bins[second % size]! : 0);
    }
    return { at, values };
  }
}
