import type { Result } from '../result.js';

/** One named key space of a store. */
export type Table = string;

export type Write =
  | {
      readonly table: Table;
      readonly key: Uint8Array;
      readonly value: Uint8Array;
      /**
       * Under this key stands this value or nothing, and the array never changes: whoever was given it to be
       * made durable before may leave out what is given again.
       */
      readonly once?: true;
      /** The array is the store's from now on and need not be copied: made by `valueToGive`, and never looked at again. */
      readonly given?: true;
      /**
       * A large value that is written again and again. A store may keep it apart from what stays, so that the room it
       * leaves is taken up by its like. A table's values are all of this kind, or none.
       */
      readonly rewritten?: true;
    }
  | { readonly table: Table; readonly key: Uint8Array; readonly value: undefined };

/** Bytes behind a given value that a store may write to. */
export const ROOM_BEHIND = 8;

/** An array that may be given to a store. */
export function valueToGive(bytes: number): Uint8Array {
  return new Uint8Array(bytes + ROOM_BEHIND).subarray(0, bytes);
}

/**
 * Why a store refuses: `store-full` the commit would pass the size limit (mend: prune or raise the
 * limit; deletes are still taken), `store-io` the disk failed (every later commit fails too, reopen),
 * `store-corrupt` bytes on disk are not the ones written, `store-closed` used after `close`.
 */
export type StoreFault = 'store-full' | 'store-io' | 'store-corrupt' | 'store-closed';

/**
 * What reads throw, as a read has no `Result` to put it in: the process can not go on with a disk
 * that lost its data, so whoever runs the store stops on it (and syncs anew from its peers).
 */
export class StoreFaultError extends Error {
  override readonly name = 'StoreFaultError';
  constructor(
    readonly code: StoreFault,
    message: string,
  ) {
    super(message);
  }
}

export interface Range {
  /** First key, inclusive. */
  readonly from?: Uint8Array;
  /** Last key, exclusive. */
  readonly to?: Uint8Array;
  readonly limit?: number;
  readonly reverse?: boolean;
}

/**
 * Durable ordered key-value store. Keys are 1..64 bytes in unsigned lexicographic order.
 * A commit is atomic and resolves only when it is durable; commits become durable in the order given.
 * The conformance suite is adapters/src/store/conformance.ts.
 */
export interface Store {
  /**
   * The value, a copy the caller owns; `undefined` where the key or the table was never written.
   * Throws StoreFaultError: `store-corrupt`, `store-io`, `store-closed`.
   */
  get(table: Table, key: Uint8Array): Uint8Array | undefined;
  /**
   * The entries with from <= key < to in key order (descending with `reverse`), as they are when the
   * iteration starts, whatever is committed meanwhile. Iterate to the end or break out at once: an
   * iteration left open holds back the reuse of disk space. Throws as `get` does.
   */
  range(table: Table, range: Range): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
  /**
   * Writes all or nothing, in order (a later write of a key wins); the bytes are copied before this
   * returns, but for values that are given. Never rejects: codes of StoreFault. After a failure nothing of it is visible, and the
   * commits already given behind it fail with it, so that what is durable has no gap. It can be read
   * shortly before it resolves.
   */
  commit(writes: readonly Write[]): Promise<Result<void>>;
  /** Waits for the commits already given, then releases everything. Idempotent. */
  close(): Promise<void>;
}
