import { ok } from '@iotw/kernel/result';
import type { VaultRecord, VaultStore } from './vault-record.ts';

/** A store that forgets with the page. */
export function memoryVaultStore(): VaultStore {
  let kept: VaultRecord | undefined;
  return {
    read: async () => ok(kept),
    write: async (record) => {
      kept = record;
      return ok(undefined);
    },
    remove: async () => {
      kept = undefined;
      return ok(undefined);
    },
  };
}
