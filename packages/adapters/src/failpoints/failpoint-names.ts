/**
 * What a failpoint does when it fires:
 * - `exit`: SIGKILL of this process, at once: no handler runs, no buffer is flushed;
 * - `eio`, `enospc`: the place behaves as if the operating system had answered with that error;
 * - `torn`: only a part of the write reaches the disk, then the process dies (a power cut);
 * - `lost`: the write is acknowledged but never made, then the process dies (a disk that lies).
 */
export type FailAction = 'exit' | 'eio' | 'enospc' | 'torn' | 'lost';

interface FailpointRow {
  /** Where it sits and what is true at that moment. */
  readonly at: string;
  /** The actions the place knows how to play. */
  readonly actions: readonly FailAction[];
}

const EXIT = ['exit'] as const;
const DISK = ['exit', 'eio', 'enospc'] as const;

/** Every failpoint of the product, by name. A test may iterate them; an unknown name is refused. */
export const FAILPOINTS = {
  'store-open-before-lock': { at: 'open: nothing touched yet', actions: DISK },
  'store-open-after-lock': { at: 'open: the owner lock is held, the environment not open', actions: DISK },
  'store-open-after-environment': { at: 'open: environment open, tables not', actions: DISK },
  'store-open-table': { at: 'open: before each table that exists is opened', actions: DISK },
  'store-open-done': { at: 'open: complete, not yet handed to the caller', actions: EXIT },
  'store-table-create': { at: 'commit: before a table is created by its first write', actions: DISK },
  'store-get': { at: 'get: before the read', actions: DISK },
  'store-range-open': { at: 'range: before the first entry', actions: DISK },
  'store-range-next': { at: 'range: before each entry', actions: DISK },
  'store-commit-before-check': { at: 'commit: given, not yet queued', actions: DISK },
  'store-commit-put': { at: 'commit: before each put of a group is prepared', actions: DISK },
  'store-commit-delete': { at: 'commit: before each delete of a group is prepared', actions: DISK },
  'store-commit-between-tables': { at: 'commit: where the next write is to another table', actions: DISK },
  'store-commit-before-begin': {
    at: 'commit: the group is prepared, the transaction not begun; torn plays a power cut among its page writes',
    actions: ['exit', 'eio', 'enospc', 'torn', 'lost'],
  },
  'store-commit-in-transaction': { at: 'commit: inside the callback that records the writes', actions: EXIT },
  'store-commit-before-sync': {
    at: 'commit: handed to the writing thread, which is anywhere between first page and last sync',
    actions: EXIT,
  },
  'store-commit-after-sync': { at: 'commit: durable, nobody told', actions: EXIT },
  'store-commit-before-ack': {
    at: 'commit: durable, before each acknowledgement of the group',
    actions: EXIT,
  },
  'store-commit-after-ack': { at: 'commit: the callers of the group have run', actions: EXIT },
  'store-close-before': { at: 'close: called, commits may be pending', actions: EXIT },
  'store-close-drained': { at: 'close: commits done, environment open', actions: EXIT },
  'store-close-unlock': { at: 'close: environment closed, owner lock held', actions: EXIT },
} as const satisfies Record<string, FailpointRow>;

export type FailpointName = keyof typeof FAILPOINTS;
