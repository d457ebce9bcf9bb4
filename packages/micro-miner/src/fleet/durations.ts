/** A histogram of durations with 5% steps: percentiles over any time in 2 kB. */
const STEP = Math.log(1.05);
const BUCKETS = 512;

export class Durations {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  #max = 0;

  /** Adds one duration >= 0, in whatever unit the reader expects back. */
  add(value: number): void {
    const bucket = value <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(value) / STEP));
    this.#counts[bucket]! += 1;
    this.#total += 1;
    if (value > this.#max) this.#max = value;
  }

  /** Percentiles (upper bounds of their steps) and the largest; zeros when nothing was added. */
  summary(): { readonly count: number; readonly p50: number; readonly p99: number; readonly max: number } {
    return { count: this.#total, p50: this.#at(0.5), p99: this.#at(0.99), max: Math.ceil(this.#max) };
  }

  reset(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#max = 0;
  }

  #at(share: number): number {
    const rank = Math.ceil(this.#total * share);
    for (let bucket = 0, seen = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (rank > 0 && seen >= rank) return Math.min(Math.ceil(Math.exp(bucket * STEP)), Math.ceil(this.#max));
    }
    return 0;
  }
}
