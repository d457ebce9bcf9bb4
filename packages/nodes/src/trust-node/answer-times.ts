const SAMPLES = 256;
/** The estimate is renewed after this many new samples. */
const RENEW = 32;
/** Before enough answers were seen the hedge interval of clause 8.15 is the answer timeout divided by this. */
const START_SHARE = 4;

/** Answer times of devices: when is one late enough that the next rank should be asked, or take its place? */
export class AnswerTimes {
  readonly #minMs: number;
  readonly #samples = new Float64Array(SAMPLES);
  #count = 0;
  #p95 = Number.POSITIVE_INFINITY;

  constructor(minMs: number) {
    this.#minMs = minMs;
  }

  add(elapsedMs: number): void {
    this.#samples[this.#count % SAMPLES] = elapsedMs;
    this.#count += 1;
    if (this.#count % RENEW !== 0) return;
    const known = this.#samples.slice(0, Math.min(this.#count, SAMPLES)).sort();
    this.#p95 = known[Math.floor(known.length * 0.95)]!;
  }

  /** Enough answers were seen. */
  get known(): boolean {
    return this.#p95 !== Number.POSITIVE_INFINITY;
  }

  /** About the p95 answer time, ms: at least the constructor's, at most `maxMs`, where it starts. */
  hedgeMs(maxMs: number): number {
    return this.#from(maxMs, maxMs);
  }

  /** The same as a host signs a soft miss by it, and a lane passes an assigner over: it starts at a quarter. */
  intervalMs(answerTimeoutMs: number): number {
    return this.#from(Math.floor(answerTimeoutMs / START_SHARE), answerTimeoutMs);
  }

  #from(startMs: number, maxMs: number): number {
    return Math.min(maxMs, Math.max(this.#minMs, this.known ? this.#p95 : startMs));
  }
}
