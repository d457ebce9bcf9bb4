import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import { equalBytes } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Ledger, LedgerOptions } from '@iotw/ledger/ledger';
import { epochKey, POOL_TABLE, poolWrite } from '@iotw/nodes/ledger-server/epoch-records';
import { type RestoredLedger, restoreLedger as restoreFromDisk } from '@iotw/nodes/ledger-server/restore';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { formatWrite, META_TABLE, NETWORK_KEY, upgradeData } from './data-format.js';

/**
 * The ledger as it stood on this disk, which must be this network's or new (spec: clause 9).
 * Errors: those of claimStore, `upgrade-needed`, those of nodes/ledger-server/restore, and the store's.
 */
export async function restoreLedger(
  store: Store,
  genesis: Genesis,
  options: LedgerOptions,
  failpoints?: Failpoints,
  tell?: (line: string) => void,
): Promise<Result<RestoredLedger>> {
  const claimed = await claimStore(store, networkId(genesis), tell);
  if (!claimed.ok) return claimed;
  const restored = restoreFromDisk(store, genesis, options, {
    round: () => {
      failpoints?.hit('runtime-restore-round');
    },
  });
  if (!restored.ok) return restored;
  const known = restored.value.ledger.checkVersion();
  if (!known.ok) return known;
  const kept = await keepPools(store, restored.value.ledger);
  return kept.ok ? restored : kept;
}

/** Pools that no round of this disk has stored: that of the genesis, and those of a state that came by state sync. */
async function keepPools(store: Store, ledger: Ledger): Promise<Result<void>> {
  const writes: Write[] = [];
  for (let epoch = Math.max(0, ledger.epoch - 1); epoch <= ledger.epoch; epoch++) {
    const pool = ledger.snapshotOf(epoch);
    if (pool !== undefined && store.get(POOL_TABLE, epochKey(epoch)) === undefined)
      writes.push(poolWrite(pool));
  }
  return writes.length === 0 ? ok(undefined) : store.commit(writes);
}

/**
 * Marks a fresh store as this network's, in this software's format; a marked one must be this network's, and is brought up to
 * that format; `tell` hears of it. Errors: `store-network`, those of upgradeData, and the store's.
 */
export async function claimStore(
  store: Store,
  network: Uint8Array,
  tell: (line: string) => void = () => {},
): Promise<Result<void>> {
  const own = checkStoreNetwork(store, network);
  if (!own.ok) return own;
  if (store.get(META_TABLE, NETWORK_KEY) !== undefined) return upgradeData(store, tell);
  return store.commit([{ table: META_TABLE, key: NETWORK_KEY, value: network }, formatWrite()]);
}

/** Whether a store is this network's or new. Errors: `store-network`. */
export function checkStoreNetwork(store: Pick<Store, 'get'>, network: Uint8Array): Result<void> {
  const stored = store.get(META_TABLE, NETWORK_KEY);
  return stored === undefined || equalBytes(stored, network)
    ? ok(undefined)
    : fail(
        'store-network',
        'The data directory belongs to another network: choose another one, or start with --fresh.',
      );
}
