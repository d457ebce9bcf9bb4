import type { RoundLayout } from './round-layout.js';

/** Seconds that the rate is averaged over. */
const WINDOW_SECONDS = 10;

/** Counts of what the rounds since the start brought, and the rate of the last seconds. */
export class Activity {
  readonly startedMs: number;
  rounds = 0;
  blocks = 0;
  transactions = 0;
  failed = 0;
  /** Transactions of each of the last seconds, by second modulo the window. */
  readonly #seconds = new Float64Array(WINDOW_SECONDS);
  readonly #stamps = new Float64Array(WINDOW_SECONDS);
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.startedMs = nowMs();
  }

  offer({ count, blocks, record: { codes } }: RoundLayout): void {
    this.rounds++;
    this.blocks += blocks.length;
    this.transactions += count;
    for (let at = 0; at < codes.length; at += 2) {
      if (codes[at] !== 0 || codes[at + 1] !== 0) this.failed++;
    }
    const second = Math.floor(this.#nowMs() / 1000);
    const slot = second % WINDOW_SECONDS;
    if (this.#stamps[slot] !== second) {
      this.#stamps[slot] = second;
      this.#seconds[slot] = 0;
    }
    this.#seconds[slot] = this.#seconds[slot]! + count;
  }

  /** Transactions per second over the last full seconds. */
  get transactionsPerSecond(): number {
    const second = Math.floor(this.#nowMs() / 1000);
    let total = 0;
    for (let slot = 0; slot < WINDOW_SECONDS; slot++) {
      const age = second - this.#stamps[slot]!;
      if (age >= 1 && age < WINDOW_SECONDS) total += this.#seconds[slot]!;
    }
    const lived = Math.floor((this.#nowMs() - this.startedMs) / 1000);
    return Math.round((10 * total) / Math.max(1, Math.min(WINDOW_SECONDS - 1, lived))) / 10;
  }

  /** Seconds by this node's clock since a time in ms; 0 where that is ahead. */
  secondsSince(timeMs: number): number {
    return Math.max(0, this.#nowMs() - timeMs) / 1000;
  }

  get uptimeSeconds(): number {
    return Math.floor((this.#nowMs() - this.startedMs) / 1000);
  }
}
