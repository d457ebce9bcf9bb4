// The store against a stand-in for the browser's two interfaces; what it relies on is their specification.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { browserBootStore } from './browser-boot-store.js';

/** Commits a task later, and keeps values only then, as IndexedDB does. */
class StandIn {
  readonly kept = new Map<string, unknown>();
  readonly held = new Set<string>();
  fails = false;

  readonly indexedDB = {
    open: (name: string) => {
      const request: Record<string, unknown> = {};
      setTimeout(() => {
        request.result = {
          createObjectStore: () => {},
          close: () => {},
          transaction: (_store: string, mode: string, options: { durability: string }) => {
            expect([mode, options.durability]).toEqual(['readwrite', 'strict']);
            return this.#transaction(name);
          },
        };
        if (!this.kept.has(name)) (request.onupgradeneeded as () => void)();
        (request.onsuccess as () => void)();
      });
      return request;
    },
  };

  readonly navigator = {
    locks: {
      request: async (name: string, _options: object, holder: (lock: object | null) => unknown) => {
        if (this.held.has(name)) return holder(null);
        this.held.add(name);
        await holder({});
        this.held.delete(name);
      },
    },
  };

  #transaction(name: string) {
    const puts: number[] = [];
    const transaction: Record<string, unknown> = { error: new Error('quota') };
    transaction.objectStore = () => ({
      get: () => {
        const request: Record<string, unknown> = { result: this.kept.get(name) };
        setTimeout(() => {
          (request.onsuccess as () => void)();
          setTimeout(() => {
            if (this.fails) return (transaction.onabort as () => void)();
            for (const value of puts) this.kept.set(name, value);
            (transaction.oncomplete as () => void)();
          });
        });
        return request;
      },
      put: (value: number) => puts.push(value),
    });
    return transaction;
  }
}

let browser: StandIn;
beforeEach(() => {
  browser = new StandIn();
  vi.stubGlobal('indexedDB', browser.indexedDB);
  vi.stubGlobal('navigator', browser.navigator);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it('counts from 1 and goes on after a reload', async () => {
  const store = browserBootStore('a');
  expect(await store.next()).toEqual({ ok: true, value: 1 });
  expect(await store.next()).toEqual({ ok: true, value: 2 });
  await store.close();
  await new Promise((done) => setTimeout(done));
  expect(await browserBootStore('a').next()).toEqual({ ok: true, value: 3 });
});

it('refuses a second tab until the first is closed', async () => {
  const store = browserBootStore('a');
  await store.next();
  expect(await browserBootStore('a').next()).toMatchObject({ error: { code: 'boot-store-locked' } });
  expect(await browserBootStore('b').next()).toEqual({ ok: true, value: 1 });
});

it('gives no number that is not durable', async () => {
  browser.fails = true;
  expect(await browserBootStore('a').next()).toMatchObject({ error: { code: 'boot-store-failed' } });
  browser.fails = false;
  browser.kept.set('iotw-c', 0xffff_ffff);
  expect(await browserBootStore('c').next()).toMatchObject({ error: { code: 'boot-store-exhausted' } });
});
