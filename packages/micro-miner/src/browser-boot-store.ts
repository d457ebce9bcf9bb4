/**
 * The boot counter in a browser: IndexedDB with strict durability, and one Web Lock, which the
 * browser gives back when the page is gone. Clearing the site's data loses the counter; keep the
 * device's key in the same database, so that both go together.
 */
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type BootStore, MAX_BOOT } from './boot-store.js';

const STORE = 'boot';
const KEY = 'counter';

/** What is used of the browser's types; the packages are compiled without its library. */
interface Request<T> {
  result: T;
  error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
interface Database {
  createObjectStore(name: string): void;
  transaction(store: string, mode: 'readwrite', options: { durability: 'strict' }): Transaction;
  close(): void;
}
interface Transaction {
  objectStore(name: string): {
    get(key: string): Request<unknown>;
    put(value: number, key: string): Request<unknown>;
  };
  error: unknown;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
}
interface Browser {
  readonly indexedDB: {
    open(name: string, version: number): Request<Database> & { onupgradeneeded: (() => void) | null };
  };
  readonly navigator: {
    readonly locks: {
      request(
        name: string,
        options: { ifAvailable: true },
        holder: (lock: object | null) => Promise<void> | undefined,
      ): Promise<void>;
    };
  };
}

/** @public A store named `name` of this origin; one page at a time may run with it. */
export function browserBootStore(name: string): BootStore {
  const browser = globalThis as unknown as Browser;
  let release: (() => void) | undefined;

  const lock = () =>
    new Promise<boolean>((done, failed) => {
      browser.navigator.locks
        .request(`iotw-boot-${name}`, { ifAvailable: true }, (granted) => {
          done(granted !== null);
          if (granted === null) return undefined;
          return new Promise<void>((free) => {
            release = free;
          });
        })
        .catch(failed);
    });

  return {
    async next() {
      try {
        if (release === undefined && !(await lock())) {
          return fail('boot-store-locked', 'Another tab runs this device; close it first.', { name });
        }
        return await raise(browser, name);
      } catch (error) {
        const message = "The browser's storage does not keep the boot counter; allow it site data.";
        return fail('boot-store-failed', message, { name, cause: String(error) });
      }
    },
    async close() {
      release?.();
      release = undefined;
    },
  };
}

async function raise(browser: Browser, name: string): Promise<Result<number>> {
  const opening = browser.indexedDB.open(`iotw-${name}`, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  await settled(opening);
  const database = opening.result;
  try {
    const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
    const durable = new Promise<void>((done, failed) => {
      transaction.oncomplete = done;
      transaction.onabort = () => failed(transaction.error);
    });
    const boots = transaction.objectStore(STORE);
    const last = boots.get(KEY);
    let next = 1;
    last.onsuccess = () => {
      next = (typeof last.result === 'number' ? last.result : 0) + 1;
      if (next <= MAX_BOOT) boots.put(next, KEY);
    };
    await durable;
    return next <= MAX_BOOT
      ? ok(next)
      : fail('boot-store-exhausted', 'The device has used up its boots; give it a new key.');
  } finally {
    database.close();
  }
}

function settled(request: Request<unknown>): Promise<void> {
  return new Promise((done, failed) => {
    request.onsuccess = () => done();
    request.onerror = () => failed(request.error);
  });
}
