import { type Range, type Store, StoreFaultError, type Write } from '@iotw/kernel/ports/store';
import type { Failure, Result } from '@iotw/kernel/result';

/**
 * A store whose failed reads are told to whoever runs the process, beside being thrown: a reader deep in the API
 * may turn the error into an answer, yet a process whose disk fails must not go on.
 */
export class GuardedStore implements Store {
  readonly #store: Store;
  readonly #onFault: (fault: Failure) => void;

  constructor(store: Store, onFault: (fault: Failure) => void) {
    this.#store = store;
    this.#onFault = onFault;
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    return this.#guard(() => this.#store.get(table, key));
  }

  *range(table: string, range: Range): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
    const entries = this.#guard(() => this.#store.range(table, range)[Symbol.iterator]());
    try {
      for (;;) {
        const next = this.#guard(() => entries.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      entries.return?.();
    }
  }

  commit(writes: readonly Write[]): Promise<Result<void>> {
    return this.#store.commit(writes);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #guard<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      const fault = storeFault(error);
      // Reads after the close are no fault of the disk.
      if (fault !== undefined && fault.code !== 'store-closed') this.#onFault(fault);
      throw error;
    }
  }
}

/** The failure behind an error that a store threw, or undefined where it is none. */
export function storeFault(error: unknown): Failure | undefined {
  return error instanceof StoreFaultError ? { code: error.code, message: error.message } : undefined;
}
