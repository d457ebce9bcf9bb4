import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import { equalBytes, utf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { Ledger, type LedgerOptions } from '@iotw/ledger/ledger';
import { META_TABLE as PAGE_META } from '@iotw/ledger/state-pages';
import { poolWrite } from '@iotw/nodes/ledger-server/epoch-records';
import { replayRound } from '@iotw/nodes/ledger-server/replay';
import { ROUND_TABLE, readRoundRecord, roundKey } from '@iotw/nodes/ledger-server/round-record';
import { type Genesis, networkId } from '@iotw/protocol/genesis';

const META_TABLE = 'meta';
const STATE_TABLE = 'state';
const NETWORK_KEY = utf8('network');

function pageKey(table: string, page: number): Uint8Array {
  return utf8(`${table}/${page}`);
}

export interface RestoredLedger {
  readonly ledger: Ledger;
  /** Round of the snapshot it was loaded from (0: genesis), and rounds replayed on top. */
  readonly snapshotRound: number;
  readonly replayed: number;
}

/**
 * The ledger as it stood on this disk: newest snapshot, then the rounds above it, checked by checksums and
 * running state hashes (spec: clause 9).
 * Errors: `store-network` (the disk belongs to another network), `replay-round`, `replay-mismatch`, `snapshot-*`.
 */
export async function restoreLedger(
  store: Store,
  genesis: Genesis,
  options: LedgerOptions,
  failpoints?: Failpoints,
): Promise<Result<RestoredLedger>> {
  const snapshot = store.get(STATE_TABLE, pageKey(PAGE_META, 0));
  let ledger: Ledger;
  if (snapshot === undefined) ledger = Ledger.genesis(genesis, options);
  else {
    const loaded = Ledger.load(
      (table, page) => store.get(STATE_TABLE, pageKey(table, page)),
      genesis,
      options,
    );
    if (!loaded.ok) return loaded;
    ledger = loaded.value;
  }
  const first = snapshot === undefined ? ledger.snapshotOf(0) : undefined;
  const claimed = await claimStore(store, networkId(genesis), first === undefined ? [] : [poolWrite(first)]);
  if (!claimed.ok) return claimed;
  const snapshotRound = ledger.round;
  for (const [, value] of store.range(ROUND_TABLE, { from: roundKey(snapshotRound + 1) })) {
    failpoints?.hit('runtime-restore-round');
    const replayed = replayRound(ledger, readRoundRecord(value));
    if (!replayed.ok) return replayed;
  }
  return ok({ ledger, snapshotRound, replayed: ledger.round - snapshotRound });
}

/**
 * Marks a fresh store as this network's, together with `first`; a marked one must be this network's.
 * Errors: `store-network`, and the store's.
 */
export async function claimStore(
  store: Store,
  network: Uint8Array,
  first: readonly Write[] = [],
): Promise<Result<void>> {
  const stored = store.get(META_TABLE, NETWORK_KEY);
  if (stored === undefined)
    return store.commit([{ table: META_TABLE, key: NETWORK_KEY, value: network }, ...first]);
  return equalBytes(stored, network)
    ? ok(undefined)
    : fail(
        'store-network',
        'The data directory belongs to another network: choose another one, or start with --fresh.',
      );
}

/** The writes that make the ledger's state of this very round a snapshot. */
export function snapshotWrites(ledger: Ledger): Write[] {
  const writes: Write[] = [];
  for (const { table, page, bytes } of ledger.save()) {
    writes.push({ table: STATE_TABLE, key: pageKey(table, page), value: bytes });
  }
  return writes;
}
