import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import { equalBytes, utf8 } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { LedgerOptions } from '@iotw/ledger/ledger';
import { poolWrite } from '@iotw/nodes/ledger-server/epoch-records';
import { type RestoredLedger, restoreLedger as restoreFromDisk } from '@iotw/nodes/ledger-server/restore';
import { type Genesis, networkId } from '@iotw/protocol/genesis';

const META_TABLE = 'meta';
const NETWORK_KEY = utf8('network');

/**
 * The ledger as it stood on this disk, which must be this network's or new (spec: clause 9).
 * Errors: `store-network`, those of nodes/ledger-server/restore, and the store's.
 */
export async function restoreLedger(
  store: Store,
  genesis: Genesis,
  options: LedgerOptions,
  failpoints?: Failpoints,
): Promise<Result<RestoredLedger>> {
  const claimed = await claimStore(store, networkId(genesis));
  if (!claimed.ok) return claimed;
  const restored = restoreFromDisk(store, genesis, options, {
    round: () => {
      failpoints?.hit('runtime-restore-round');
    },
  });
  if (!restored.ok || restored.value.ledger.round > 0) return restored;
  // No round has stored it: the pool of epoch 0 is the genesis'.
  const first = restored.value.ledger.snapshotOf(0);
  const kept = first === undefined ? ok(undefined) : await store.commit([poolWrite(first)]);
  return kept.ok ? restored : kept;
}

/** Id of the network that a store belongs to; undefined: it is new. */
export function storedNetwork(store: Pick<Store, 'get'>): Uint8Array | undefined {
  return store.get(META_TABLE, NETWORK_KEY);
}

/** Marks a fresh store as this network's; a marked one must be this network's. Errors: `store-network`, and the store's. */
export async function claimStore(store: Store, network: Uint8Array): Promise<Result<void>> {
  const stored = storedNetwork(store);
  if (stored === undefined) return store.commit([{ table: META_TABLE, key: NETWORK_KEY, value: network }]);
  return equalBytes(stored, network)
    ? ok(undefined)
    : fail(
        'store-network',
        'The data directory belongs to another network: choose another one, or start with --fresh.',
      );
}
