import { utf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { ok, type Result } from '@iotw/kernel/result';
import { Ledger, type LedgerOptions } from '@iotw/ledger/ledger';
import { META_TABLE, type PageReader, type StatePage } from '@iotw/ledger/state-pages';
import type { Genesis } from '@iotw/protocol/genesis';
import { replayRound } from './replay.js';
import { storedRounds } from './round-record.js';

/** Pages of the state, newest bytes of each. */
export const STATE_TABLE = 'state';

/** The table's name, a zero byte, the page big-endian: a table's pages lie side by side in their order. */
export function pageKey(table: string, page: number): Uint8Array {
  const name = utf8(table);
  const key = new Uint8Array(name.length + 5);
  key.set(name);
  new DataView(key.buffer).setUint32(name.length + 1, page);
  return key;
}

/**
 * The writes that make the ledger's state of this very round a snapshot. They go into one commit with the
 * round's own record, before the next round is applied: a snapshot never stands without its round.
 */
export function snapshotWrites(ledger: Ledger): Write[] {
  return Array.from(ledger.save(), pageWrite);
}

export function pageWrite({ table, page, bytes }: StatePage): Write {
  return { table: STATE_TABLE, key: pageKey(table, page), value: bytes, given: true };
}

/** The pages of the stored state. */
export function pageReader(store: Pick<Store, 'get'>): PageReader {
  return (table, page) => store.get(STATE_TABLE, pageKey(table, page));
}

/** Whether a state or a round is stored; without, the ledger begins with the genesis. */
export function holdsLedger(store: Pick<Store, 'get' | 'range'>): boolean {
  if (store.get(STATE_TABLE, pageKey(META_TABLE, 0)) !== undefined) return true;
  for (const _ of storedRounds(store)) return true;
  return false;
}

export interface RestoredLedger {
  readonly ledger: Ledger;
  /** Round of the snapshot it was loaded from; 0: there was none, it began with the genesis. */
  readonly snapshotRound: number;
  /** Rounds replayed on top. */
  readonly replayed: number;
}

export interface RestoreHooks {
  /** The ledger is made or loaded, no round is replayed yet. */
  readonly opened?: (ledger: Ledger) => void;
  /** Before each round that is replayed. */
  readonly round?: () => void;
}

/**
 * The ledger as it stood on this disk: newest snapshot, then the rounds above it, checked by checksums and
 * running state hashes (spec: clause 9). Errors: `upgrade-needed`, `replay-round`, `replay-mismatch`, `snapshot-*`.
 */
export function restoreLedger(
  store: Pick<Store, 'get' | 'range'>,
  genesis: Genesis,
  options: LedgerOptions,
  hooks: RestoreHooks = {},
): Result<RestoredLedger> {
  const page = pageReader(store);
  let ledger: Ledger;
  if (page(META_TABLE, 0) === undefined) ledger = Ledger.genesis(genesis, options);
  else {
    const loaded = Ledger.load(page, genesis, options);
    if (!loaded.ok) return loaded;
    ledger = loaded.value;
  }
  hooks.opened?.(ledger);
  const snapshotRound = ledger.round;
  for (const record of storedRounds(store, snapshotRound + 1)) {
    hooks.round?.();
    const replayed = replayRound(ledger, record);
    if (!replayed.ok) return replayed;
  }
  return ok({ ledger, snapshotRound, replayed: ledger.round - snapshotRound });
}
