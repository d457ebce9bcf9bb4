import type { TabLocks } from './payment.ts';

/** The browser gives a lock back when its tab is gone, however it went. */
export const tabLocks: TabLocks = {
  alone: async (name, work) => await navigator.locks.request(name, async () => await work()),
  tryAlone: async (name, work) =>
    await navigator.locks.request(name, { ifAvailable: true }, async (lock) =>
      lock === null ? undefined : await work(),
    ),
};
