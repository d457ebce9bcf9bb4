import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { firstStoredRound, firstToKeep, prunedSlice } from '@iotw/nodes/ledger-server/prune';
import type { CommitQueue } from './commit-queue.js';

/** A slice of old rounds leaves the disk at most this often, ms: others have the disk and the thread in between. */
const SLICE_MS = 100;

export interface KeptRoundsOptions {
  readonly store: Pick<Store, 'get' | 'range'>;
  readonly commits: Pick<CommitQueue, 'add'>;
  /** Last durable round, and its agreed time, ms. */
  readonly last: number;
  readonly timeMs: number;
  /** Round of the state on disk; 0: none. */
  readonly saved: number;
  /** How far back rounds are kept, in agreed time, ms; undefined: all are (an archive). */
  readonly keepMs?: number | undefined;
  /** What else goes with a round. */
  readonly more: (round: number) => Write;
  readonly failpoints?: Failpoints | undefined;
}

/**
 * Which rounds are on disk: all from the first on. With a horizon the oldest epochs go once an epoch ends, some rounds in
 * each commit, the oldest first, a round with all that belongs to it: whatever is killed, what is left has no gap.
 */
export class KeptRounds {
  readonly #options: KeptRoundsOptions;
  #first: number;
  /** Rounds below this one go. */
  #below = 0;
  #busy = false;
  #sliceAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: KeptRoundsOptions) {
    this.#options = options;
    this.#first = firstStoredRound(options.store) ?? options.last + 1;
    this.ended(options.saved, options.timeMs);
  }

  /** Number of the first round that is kept, or of the next round where there is none. */
  get first(): number {
    return this.#first;
  }

  /** Rounds that are beyond the horizon and still on disk. */
  get left(): number {
    return Math.max(0, this.#below - this.#first);
  }

  /** An epoch has ended with a durable round of that agreed time, ms; `saved`: the round of the state on disk by now. */
  ended(saved: number, timeMs: number): void {
    const { store, keepMs } = this.#options;
    if (keepMs === undefined || saved < this.#first) return;
    this.#below = firstToKeep(store, this.#first, saved, timeMs - keepMs);
  }

  /** Lets some of the oldest rounds go, where there are any beyond the horizon and the last slice is done. */
  tick(nowMs: number): void {
    if (this.left === 0 || this.#busy || nowMs - this.#sliceAtMs < SLICE_MS) return;
    const { store, commits, failpoints, more } = this.#options;
    const { rounds, writes } = prunedSlice(store, this.#below);
    this.#busy = true;
    this.#sliceAtMs = nowMs;
    // At once: whoever does not find a round any more is told why, and one that is found still is given.
    this.#first = rounds.at(-1)! + 1;
    failpoints?.hit('runtime-prune');
    commits.add([...writes, ...rounds.map(more)], () => {
      failpoints?.hit('runtime-pruned');
      this.#busy = false;
    });
  }
}
