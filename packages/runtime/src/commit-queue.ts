import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import { asFailure, playedError } from '@iotw/adapters/store/lmdb-faults';
import type { Store, Write } from '@iotw/kernel/ports/store';
import type { Failure, Result } from '@iotw/kernel/result';

/**
 * One durable commit at a time; what is asked for meanwhile goes together into the next. So commits grow
 * under load, and the writes of all roles of a process share one sync.
 */
export class CommitQueue {
  readonly #store: Store;
  readonly #onFault: (fault: Failure) => void;
  readonly #failpoints: Failpoints | undefined;
  #writes: Write[] = [];
  /** Values that are given once, as far as anybody still holds them. */
  readonly #given = new WeakSet<Uint8Array>();
  #done: (() => void)[] = [];
  #committing = false;
  #idle: (() => void)[] = [];
  /** Commits made and ms spent waiting for them. */
  readonly stats = { commits: 0, writes: 0, waitedMs: 0 };

  /** `onFault`: the disk refuses; nothing of that commit or a later one is acknowledged. */
  constructor(store: Store, onFault: (fault: Failure) => void, failpoints?: Failpoints) {
    this.#store = store;
    this.#onFault = onFault;
    this.#failpoints = failpoints;
  }

  add(writes: readonly Write[], done: () => void): void {
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

  /** Starts a commit if none is under way and there is something to write. */
  flush(): void {
    if (this.#committing || this.#done.length === 0) return;
    const writes = this.#writes;
    const done = this.#done;
    this.#writes = [];
    this.#done = [];
    this.#committing = true;
    this.stats.commits += 1;
    this.stats.writes += writes.length;
    const began = performance.now();
    this.#commit(writes).then((result) => {
      this.#committing = false;
      this.stats.waitedMs += performance.now() - began;
      if (!result.ok) {
        this.#onFault(result.error);
        this.#tellIdle();
        return;
      }
      for (const resolve of done) resolve();
      this.flush();
      if (!this.#committing) this.#tellIdle();
    });
  }

  #commit(writes: readonly Write[]): Promise<Result<void>> {
    const action = this.#failpoints?.hit('runtime-commit');
    return action === 'eio' || action === 'enospc'
      ? Promise.resolve(asFailure(playedError(action), 'commit'))
      : this.#store.commit(writes);
  }

  #tellIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when nothing is left to write, or nothing can be written any more. */
  async drained(): Promise<void> {
    this.flush();
    if (!this.#committing) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
