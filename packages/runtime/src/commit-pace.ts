/**
 * Bytes a ms that a node may write for long without pausing: some 10,000 transactions a second in large blocks, or a thousand
 * blocks with one transaction in each.
 */
const BYTES_PER_MS = 2_000;
/** Bytes above that pace that are let through first, so that one burst or one saved sheet of the state is not held up. */
const BURST_BYTES = 256 * 1_024;
/** How far above the burst is remembered: pauses end this many bytes after the load that called for them. */
const MEMORY_BYTES = 64 * 1_024;
/** Between the beginnings of two commits while pausing, ms. */
const PAUSE_MS = 10;

/**
 * When the next commit may begin. A commit costs some 300 us of CPU whatever is in it (the disk's doorbell, the sync, the
 * threads woken), so under load they begin a pause apart and each takes more along; a node with little to write never waits.
 * Under such a load a block waits longer for processors than for this: throughput grows with it.
 */
export class CommitPace {
  /** Bytes written and not yet forgotten. */
  #level = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** A commit of this many bytes begins. */
  began(bytes: number, nowMs: number): void {
    this.#level = Math.min(this.#levelAt(nowMs) + bytes, BURST_BYTES + MEMORY_BYTES);
    this.#lastMs = nowMs;
  }

  /** ms until the next may begin; 0: now. */
  waitMs(nowMs: number): number {
    if (this.#levelAt(nowMs) <= BURST_BYTES) return 0;
    return Math.max(0, this.#lastMs + PAUSE_MS - nowMs);
  }

  #levelAt(nowMs: number): number {
    const forgotten = (nowMs - this.#lastMs) * BYTES_PER_MS;
    return Math.max(0, this.#level - forgotten);
  }
}
