import { utf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { ok, type Result } from '@iotw/kernel/result';
import { Ledger, type LedgerOptions } from '@iotw/ledger/ledger';
import { META_TABLE, type PageReader } from '@iotw/ledger/state-pages';
import { pageOfSheet, type StateSheet, sheetOf } from '@iotw/ledger/state-sheets';
import type { Genesis } from '@iotw/protocol/genesis';
import { replayRound } from './replay.js';
import { storedRounds } from './round-record.js';

/** Sheets of the state, newest bytes of each. */
export const STATE_TABLE = 'state-sheets';

/** The table's name, a zero byte, the sheet big-endian: a table's sheets lie side by side in their order. */
export function sheetKey(table: string, sheet: number): Uint8Array {
  const name = utf8(table);
  const key = new Uint8Array(name.length + 5);
  key.set(name);
  new DataView(key.buffer).setUint32(name.length + 1, sheet);
  return key;
}

/**
 * The writes that make the ledger's state of this very round a snapshot. They go into one commit with the
 * round's own record, before the next round is applied: a snapshot never stands without its round.
 */
export function snapshotWrites(ledger: Ledger): Write[] {
  return Array.from(ledger.save(), sheetWrite);
}

export function sheetWrite({ table, sheet, bytes }: StateSheet): Write {
  return { table: STATE_TABLE, key: sheetKey(table, sheet), value: bytes, given: true, rewritten: true };
}

/** The pages of the stored state; the sheet that was read last is kept. */
export function pageReader(store: Pick<Store, 'get'>): PageReader {
  let last: { readonly table: string; readonly sheet: number; readonly bytes: Uint8Array } | undefined;
  return (table, page) => {
    const { sheet, place } = sheetOf(page);
    if (place === 0 || last?.table !== table || last.sheet !== sheet) {
      const bytes = store.get(STATE_TABLE, sheetKey(table, sheet));
      last = bytes === undefined ? undefined : { table, sheet, bytes };
    }
    return last === undefined ? undefined : pageOfSheet(last.bytes, place);
  };
}

/** Whether a state or a round is stored; without, the ledger begins with the genesis. */
export function holdsLedger(store: Pick<Store, 'get' | 'range'>): boolean {
  if (store.get(STATE_TABLE, sheetKey(META_TABLE, 0)) !== undefined) return true;
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
