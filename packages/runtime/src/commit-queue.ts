import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import { asFailure, playedError } from '@iotw/adapters/store/lmdb-faults';
import type { Store, Write } from '@iotw/kernel/ports/store';
import type { Failure, Result } from '@iotw/kernel/result';
import { CommitPace } from './commit-pace.js';

/** Longest wait of what may wait, ms. */
const LATER_MS = 1_000;

/**
 * One durable commit at a time, under load at a pace (commit-pace); what is asked for meanwhile goes together into the
 * next. So commits grow under load, and the writes of all roles of a process share one sync.
 */
export class CommitQueue {
  readonly #store: Store;
  readonly #onFault: (fault: Failure) => void;
  readonly #onDurable: () => void;
  readonly #failpoints: Failpoints | undefined;
  #writes: Write[] = [];
  /** Values that are given once, as far as anybody still holds them. */
  readonly #given = new WeakSet<Uint8Array>();
  #done: (() => void)[] = [];
  /** When the first of what waits must be on its way at the latest, ms of `performance.now`. */
  #dueMs = Number.POSITIVE_INFINITY;
  #committing = false;
  readonly #pace = new CommitPace();
  #paused: NodeJS.Timeout | undefined;
  /** Nothing waits for company any more. */
  #draining = false;
  #idle: (() => void)[] = [];
  /** Commits made and ms spent waiting for them. */
  readonly stats = { commits: 0, writes: 0, waitedMs: 0 };

  /**
   * `onFault`: the disk refuses; nothing of that commit or a later one is acknowledged. `onDurable`: everybody who waited for a
   * commit was told.
   */
  constructor(
    store: Store,
    onFault: (fault: Failure) => void,
    onDurable: () => void = () => {},
    failpoints?: Failpoints,
  ) {
    this.#store = store;
    this.#onFault = onFault;
    this.#onDurable = onDurable;
    this.#failpoints = failpoints;
  }

  add(writes: readonly Write[], done: () => void): void {
    this.#dueMs = Number.NEGATIVE_INFINITY;
    this.#gather(writes, done);
  }

  /** The same without haste: what only tidies the disk goes with the next commit, alone at the first `flush` after LATER_MS. */
  addLater(writes: readonly Write[], done: () => void): void {
    this.#dueMs = Math.min(this.#dueMs, performance.now() + LATER_MS);
    this.#gather(writes, done);
  }

  #gather(writes: readonly Write[], done: () => void): void {
    for (const write of writes) if (!this.#isGiven(write)) this.#writes.push(write);
    this.#done.push(done);
  }

  /** Whether it is durable, or will be no later than what is added now. */
  #isGiven(write: Write): boolean {
    if (write.value === undefined || write.once !== true) return false;
    if (this.#given.has(write.value)) return true;
    this.#given.add(write.value);
    return false;
  }

  /** Starts a commit if none is under way and there is something to write that is due. */
  flush(): void {
    if (this.#committing || this.#done.length === 0) return;
    const began = performance.now();
    if (!this.#draining && (this.#dueMs > began || this.#waits(began))) return;
    this.#dueMs = Number.POSITIVE_INFINITY;
    const writes = this.#writes;
    const done = this.#done;
    this.#writes = [];
    this.#done = [];
    this.#committing = true;
    this.stats.commits += 1;
    this.stats.writes += writes.length;
    this.#pace.began(sizeOf(writes), began);
    this.#commit(writes).then((result) => {
      this.stats.waitedMs += performance.now() - began;
      if (!result.ok) {
        this.#committing = false;
        this.#onFault(result.error);
        this.#tellIdle();
        return;
      }
      // What these lead to goes into one commit, not the first one's into one and the others' into the next.
      for (const resolve of done) resolve();
      this.#onDurable();
      this.#committing = false;
      this.flush();
      if (!this.#committing) this.#tellIdle();
    });
  }

  /** Whether the pace has the next commit wait; it is then looked at again. */
  #waits(nowMs: number): boolean {
    const waitMs = this.#pace.waitMs(nowMs);
    if (waitMs > 0) {
      this.#paused ??= setTimeout(() => {
        this.#paused = undefined;
        this.flush();
      }, waitMs);
    }
    return waitMs > 0;
  }

  #commit(writes: readonly Write[]): Promise<Result<void>> {
    const action = this.#failpoints?.hit('runtime-commit');
    return action === 'eio' || action === 'enospc'
      ? Promise.resolve(asFailure(playedError(action), 'commit'))
      : this.#store.commit(writes);
  }

  #tellIdle(): void {
    this.#draining = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when nothing is left to write, or nothing can be written any more. */
  async drained(): Promise<void> {
    this.#draining = true;
    this.flush();
    if (!this.#committing) {
      this.#draining = false;
      return;
    }
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}

function sizeOf(writes: readonly Write[]): number {
  let bytes = 0;
  for (const { value } of writes) bytes += value?.length ?? 0;
  return bytes;
}
