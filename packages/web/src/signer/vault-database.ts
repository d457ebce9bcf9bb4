import { ok } from '@iotw/kernel/result';
import { type DBSchema, openDB } from 'idb';
import { storageFailure, type VaultRecord, type VaultStore } from './vault-record.ts';

interface Schema extends DBSchema {
  vault: { key: string; value: VaultRecord };
}

const NAME = 'iotw-signer';
const KEY = 'wallet';

/** The vault in IndexedDB of the signer's own origin: page code of the app can't open it. */
export function databaseVaultStore(): VaultStore {
  const opened = () =>
    openDB<Schema>(NAME, 1, { upgrade: (database) => void database.createObjectStore('vault') });
  const attempt = async <T>(work: (database: Awaited<ReturnType<typeof opened>>) => Promise<T>) => {
    try {
      const database = await opened();
      try {
        return ok(await work(database));
      } finally {
        database.close();
      }
    } catch (cause) {
      return storageFailure(cause);
    }
  };
  return {
    read: () => attempt((database) => database.get('vault', KEY)),
    write: (record) =>
      attempt(async (database) => {
        const change = database.transaction('vault', 'readwrite', { durability: 'strict' });
        await change.store.put(record, KEY);
        await change.done;
      }),
    remove: () =>
      attempt(async (database) => {
        const change = database.transaction('vault', 'readwrite', { durability: 'strict' });
        await change.store.delete(KEY);
        await change.done;
      }),
  };
}
