const MILLION = 1_000_000;

/** A node's own clock: off by some ms and by some parts per million, never going back. */
export class DriftingClock {
  readonly #startMs: number;
  readonly #ppm: number;

  /** `startMs`: what it shows at simulated time 0. */
  constructor(startMs: number, ppm: number) {
    this.#startMs = startMs;
    this.#ppm = ppm;
  }

  /** What it shows at simulated time `simMs`. */
  at(simMs: number): number {
    return this.#startMs + simMs + Math.floor((simMs * this.#ppm) / MILLION);
  }

  /** Simulated ms from `simMs` until it shows `localMs`, at least 1. */
  until(localMs: number, simMs: number): number {
    const left = localMs - this.at(simMs);
    return left <= 0 ? 1 : Math.max(1, Math.ceil((left * MILLION) / (MILLION + this.#ppm)));
  }
}
