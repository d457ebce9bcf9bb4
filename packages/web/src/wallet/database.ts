import { fail, ok, type Result } from '@iotw/kernel/result';
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Contact } from './contacts.ts';
import type { KeptConsent } from './devices/kept-consent.ts';
import type { Payment, PaymentStore } from './payment.ts';

interface Schema extends DBSchema {
  payments: { key: string; value: Payment };
  contacts: { key: string; value: Contact };
  consents: { key: string; value: KeptConsent };
}

/** What the app keeps of the wallet in its own origin: no key and no seed is ever in it. */
async function attempt<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<Result<T>> {
  try {
    const database = await openDB<Schema>('iotw-wallet', 2, {
      upgrade: (made, before) => {
        if (before < 1) {
          made.createObjectStore('payments', { keyPath: 'reference' });
          made.createObjectStore('contacts', { keyPath: 'address' });
        }
        made.createObjectStore('consents', { keyPath: 'device' });
      },
    });
    try {
      return ok(await work(database));
    } finally {
      database.close();
    }
  } catch (cause) {
    return fail(
      'wallet-storage',
      'This browser does not keep what the wallet must remember: its storage is full or blocked for this site. Nothing was sent; free some space or allow site data, then try again.',
      { cause: String(cause) },
    );
  }
}

/** Strict durability: what may move money is on disk before it leaves. */
const STRICT = { durability: 'strict' } as const;

export const paymentStore: PaymentStore = {
  list: () => attempt((database) => database.getAll('payments')),
  get: (reference) => attempt((database) => database.get('payments', reference)),
  put: (payment) =>
    attempt(async (database) => {
      const change = database.transaction('payments', 'readwrite', STRICT);
      await change.store.put(payment);
      await change.done;
    }),
  remove: (reference) => attempt((database) => database.delete('payments', reference)),
};

/** Codes: `wallet-storage`. */
export const contactStore = {
  list: () => attempt((database) => database.getAll('contacts')),
  put: (contact: Contact) => attempt(async (database) => void (await database.put('contacts', contact))),
  remove: (address: string) => attempt((database) => database.delete('contacts', address)),
};

/** What owners said on the data of their devices, by the device's key in hex. Codes: `wallet-storage`. */
export const consentStore = {
  get: (device: string) => attempt((database) => database.get('consents', device)),
  put: (consent: KeptConsent) => attempt(async (database) => void (await database.put('consents', consent))),
};
