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
  'store-rewritten-before-begin': {
    at: 'commit: the transaction of rewritten values not begun; torn plays a power cut among its page writes',
    actions: ['exit', 'eio', 'enospc', 'torn'],
  },
  'store-rewritten-after-sync': {
    at: 'commit: rewritten values are durable, and nothing names them yet',
    actions: DISK,
  },
  'store-rewritten-before-remove': {
    at: 'commit: acknowledged, what its rewritten values superseded not removed',
    actions: DISK,
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
  'engine-decide': { at: 'engine: a round is decided, the ledger has not heard', actions: EXIT },
  'engine-decided': { at: 'engine: the round is applied in memory, not durable', actions: EXIT },
  'engine-applied': { at: 'engine: the round is durable, the next not begun', actions: EXIT },
  'mesh-send': { at: 'mesh: before a message is queued for a peer', actions: EXIT },
  'mesh-frame': { at: 'mesh: a message of a peer has come, nobody has seen it', actions: EXIT },
  'mesh-link-up': { at: 'mesh: a link came up, nothing sent on it', actions: EXIT },
  'mesh-link-down': { at: 'mesh: a link went down, what was queued is lost', actions: EXIT },
  'mesh-rotate': { at: 'mesh: before the node takes another link key', actions: EXIT },
  'mesh-update-allowed': { at: 'mesh: the ledger lists other link keys, retired links live', actions: EXIT },
  'mqtt-assign': { at: 'mqtt: before an assignment goes to a device', actions: EXIT },
  'mqtt-result': { at: 'mqtt: a device has answered, the trust node has not heard', actions: EXIT },
  'mqtt-status': { at: 'mqtt: a presence ticket has come, the trust node has not heard', actions: EXIT },
  'mqtt-telemetry': { at: 'mqtt: telemetry has come, nobody has seen it', actions: EXIT },
  'mqtt-transaction': {
    at: 'mqtt: a device has sent a transaction, the intake has not heard',
    actions: EXIT,
  },
  'mqtt-presence': { at: 'mqtt: a device came or went, the trust node has not heard', actions: EXIT },
  'runtime-submitted': { at: 'intake: transactions taken in, in memory only', actions: EXIT },
  'runtime-commit': { at: 'commit: before the writes of all roles go to the store together', actions: DISK },
  'runtime-block-persist': { at: 'trust node: a block is formed and signed, not on disk', actions: EXIT },
  'runtime-block-persisted': { at: 'trust node: a block is on disk, nobody has seen it', actions: EXIT },
  'runtime-vote-persist': { at: 'trust node: a vote is bound in memory, not on disk', actions: EXIT },
  'runtime-vote-persisted': { at: 'trust node: a vote is on disk, not sent', actions: EXIT },
  'runtime-round-persist': {
    at: 'ledger server: a round is applied in memory, its record not on disk',
    actions: EXIT,
  },
  'runtime-round-persisted': {
    at: 'ledger server: a round is on disk, nobody has heard of it',
    actions: EXIT,
  },
  'runtime-round-announce': { at: 'ledger server: before listeners hear of a durable round', actions: EXIT },
  'runtime-snapshot-write': {
    at: 'ledger server: before the pages of a snapshot are gathered',
    actions: EXIT,
  },
  'runtime-snapshot-written': {
    at: 'ledger server: a snapshot is durable, its round not announced',
    actions: EXIT,
  },
  'runtime-restore-round': { at: 'start: before each stored round is replayed', actions: EXIT },
  'runtime-prune': { at: 'ledger server: before the oldest rounds leave the disk', actions: EXIT },
  'runtime-pruned': {
    at: 'ledger server: some of the oldest rounds are gone, others are to go',
    actions: EXIT,
  },
  'runtime-directory-save': { at: 'trust node alone: keys of the ledger changed, not saved', actions: EXIT },
  'state-sync-store': {
    at: 'state sync: the whole state is checked, nothing of it is stored',
    actions: EXIT,
  },
  'state-sync-stored': { at: 'state sync: the state is on disk, CometBFT does not know', actions: EXIT },
  'state-sync-followed': {
    at: 'state sync: CometBFT goes on from the state, the store counts as joining',
    actions: EXIT,
  },
  'api-index-write': { at: 'api index: pages of a segment are on disk, nothing names them', actions: EXIT },
  'api-index-written': { at: 'api index: a segment counts, what it replaces is still there', actions: EXIT },
  'runtime-stop': { at: 'stop: asked for, work is under way', actions: EXIT },
} as const satisfies Record<string, FailpointRow>;

export type FailpointName = keyof typeof FAILPOINTS;
