import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Genesis } from '@iotw/protocol/genesis';

/** The ledger of a stopped node, opened. */
export interface StoredLedger {
  readonly store: Store;
  readonly genesis: Genesis;
}

/**
 * Opens the ledger under a node's data directory, or a devnet's, with the genesis given or found beside it, for as long as
 * `use` works. Errors: `ledger-place`, those of readGenesisFile, of openLmdbStore (`store-locked`: its node runs), of the
 * store's reads and of `use`.
 */
export async function withStoredLedger<T>(
  data: string | undefined,
  genesisFile: string | undefined,
  use: (stored: StoredLedger) => Promise<Result<T>>,
): Promise<Result<T>> {
  const stored = await openStoredLedger(data, genesisFile);
  return stored.ok ? used(stored.value, use) : stored;
}

/**
 * The same of a node that may run: its store is copied, as of one moment, to the new directory `copy`, which is gone
 * afterwards. Errors: also `store-copy`, `export-exists` (there is something under `copy`); never `store-locked`.
 */
export async function withCopiedLedger<T>(
  data: string | undefined,
  genesisFile: string | undefined,
  copy: string,
  use: (stored: StoredLedger) => Promise<Result<T>>,
): Promise<Result<T>> {
  if (existsSync(copy)) {
    return fail('export-exists', `${copy} is there already, of a run that was broken off: remove it first.`, {
      path: copy,
    });
  }
  const { rm } = await import('node:fs/promises');
  try {
    const stored = await openStoredLedger(data, genesisFile, copy);
    return stored.ok ? await used(stored.value, use) : stored;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function used<T>(
  stored: StoredLedger,
  use: (stored: StoredLedger) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { storeFault } = await import('../node/guarded-store.js');
  try {
    return await use(stored);
  } catch (error) {
    const fault = storeFault(error);
    if (fault === undefined) throw error;
    return { ok: false, error: fault };
  } finally {
    await stored.store.close();
  }
}

async function openStoredLedger(
  data: string | undefined,
  genesisFile: string | undefined,
  copy?: string,
): Promise<Result<StoredLedger>> {
  if (data === undefined)
    return fail('ledger-place', 'Say where the ledger is: --data DIR, such as .iotw/devnet.');
  const place = placeOf(data, genesisFile);
  if (!place.ok) return place;
  const { readGenesisFile } = await import('../node/genesis-file.js');
  const genesis = await readGenesisFile(place.value.genesis);
  if (!genesis.ok) return genesis;
  const { openLmdbStore } = await import('@iotw/adapters/store/lmdb-store');
  if (copy !== undefined) {
    const { copyStore } = await import('@iotw/adapters/store/copy-store');
    const copied = await copyStore(place.value.ledger, copy);
    if (!copied.ok) return copied;
  }
  const store = await openLmdbStore({ path: copy ?? place.value.ledger });
  if (!store.ok) return store;
  const { checkDataFormat } = await import('@iotw/runtime/data-format');
  const format = checkDataFormat(store.value);
  if (format.ok) return ok({ store: store.value, genesis: genesis.value });
  await store.value.close();
  return format;
}

function placeOf(data: string, genesis: string | undefined): Result<{ ledger: string; genesis: string }> {
  const ledger = [join(data, 'ledger'), join(data, 'node', 'ledger'), join(data, 'data', 'ledger')].find(
    existsSync,
  );
  if (ledger === undefined) {
    return fail(
      'ledger-place',
      `There is no ledger under ${data}: give the node's data directory, or the devnet's.`,
    );
  }
  const beside = [join(data, 'genesis.json'), join(data, '..', 'genesis.json')].find(existsSync);
  const file = genesis ?? beside;
  if (file !== undefined) return ok({ ledger, genesis: file });
  return fail('ledger-place', `There is no genesis.json beside ${data}: say where it is by --genesis FILE.`);
}
