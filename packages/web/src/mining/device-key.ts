import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { openDB } from 'idb';

/** The name of the tab's device: its key lies in the database of its boot counter, so that both go together. */
export const TAB_DEVICE = 'tab-device';

const STORE = 'boot';
const KEY = 'device-seed';

/**
 * The tab's own device key, made when it is first asked for. It owns nothing: what the device earns goes to the wallet that claimed it.
 * Code: `mining-storage`.
 */
export async function tabDeviceKeys(): Promise<Result<KeyPair>> {
  try {
    const database = await openDB(`iotw-${TAB_DEVICE}`, 1, {
      upgrade: (made) => void made.createObjectStore(STORE),
    });
    try {
      const change = database.transaction(STORE, 'readwrite', { durability: 'strict' });
      const kept: unknown = await change.store.get(KEY);
      const seed = kept instanceof Uint8Array ? kept : crypto.getRandomValues(new Uint8Array(32));
      if (seed !== kept) await change.store.put(seed, KEY);
      await change.done;
      return ok(keyPairFromSeed(seed));
    } finally {
      database.close();
    }
  } catch (cause) {
    return fail(
      'mining-storage',
      'This browser does not keep the device’s key: its storage is full or blocked for this site. Allow site data, then try again.',
      { cause: String(cause) },
    );
  }
}
