const SAMPLES = 256;
/** The estimate is renewed after this many new samples. */
const RENEW = 32;

/** Answer times of devices: when is one late enough that the next rank should be asked? */
export class AnswerTimes {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #samples = new Float64Array(SAMPLES);
  #count = 0;
  #hedgeMs: number;

  /** The hedge delay stays within [minMs, maxMs]; it starts at the upper end. */
  constructor(minMs: number, maxMs: number) {
    this.#minMs = Math.min(minMs, maxMs);
    this.#maxMs = maxMs;
    this.#hedgeMs = maxMs;
  }

  add(elapsedMs: number): void {
    this.#samples[this.#count % SAMPLES] = elapsedMs;
    this.#count += 1;
    if (this.#count % RENEW !== 0) return;
    const known = this.#samples.slice(0, Math.min(this.#count, SAMPLES)).sort();
    const p95 = known[Math.floor(known.length * 0.95)]!;
    this.#hedgeMs = Math.min(this.#maxMs, Math.max(this.#minMs, p95));
  }

  /** About the p95 answer time, ms. */
  hedgeMs(): number {
    return this.#hedgeMs;
  }
}
