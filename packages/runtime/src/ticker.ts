/** One timer that comes at the earliest time asked for. */
export class Ticker {
  readonly #nowMs: () => number;
  readonly #tick: () => void;
  #timer: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(nowMs: () => number, tick: () => void) {
    this.#nowMs = nowMs;
    this.#tick = tick;
  }

  /** Whether a tick is due by `atMs` anyway, so that no deadline could bring it forward. */
  comesBy(atMs: number): boolean {
    return this.#atMs <= atMs;
  }

  /** Ticks at `atMs` of the clock, but no sooner than `leastMs` from `nowMs`, unless a tick comes before that. */
  by(atMs: number, nowMs: number, leastMs: number): void {
    if (atMs < this.#atMs) this.#arm(Math.max(leastMs, atMs - nowMs));
  }

  /** Ticks as soon as possible. */
  now(): void {
    this.#arm(0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#atMs = Number.NEGATIVE_INFINITY;
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#atMs = this.#nowMs() + delayMs;
    this.#timer = setTimeout(() => {
      this.#atMs = Number.POSITIVE_INFINITY;
      this.#tick();
    }, delayMs);
  }
}
