import { useSyncExternalStore } from 'react';
import { onBack } from '../data/reachability.ts';

/** Whether the server has another build of the app than this page: what the update banner shows. */

const WORKER = '/service-worker.js';
/** A tab that stays open asks for another build so often, ms. */
const ASK_MS = 3_600_000;

let isNew = false;
const listeners = new Set<() => void>();

/**
 * Installs the service worker once the page has come to rest; where the browser has none, or refuses it, the app is the same, only
 * not without a network.
 */
export function startServiceWorker(): void {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (container === undefined) return;
  container.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const { iotwBuild: entry } = (data ?? {}) as { readonly iotwBuild?: unknown };
    if (typeof entry !== 'string' || runs(entry)) return;
    isNew = true;
    for (const listener of listeners) listener();
  });
  const install = async () => {
    try {
      const registration = (await container.register(WORKER)) as ServiceWorkerRegistration | undefined;
      const ask = () => {
        registration?.update().catch(() => undefined);
      };
      setInterval(ask, ASK_MS);
      // A server that was away may have come back with another build.
      onBack(ask);
    } catch {
      // Storage is blocked, or the server is gone: see above.
    }
  };
  const soon = () => setTimeout(install, 0);
  if (document.readyState === 'complete') soon();
  else window.addEventListener('load', soon, { once: true });
}

/** Whether this page was started by that script. */
function runs(entry: string): boolean {
  const scripts = document.querySelectorAll<HTMLScriptElement>('script[type=module]');
  return [...scripts].some(({ src }) => src !== '' && new URL(src).pathname === entry);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useNewBuild(): boolean {
  return useSyncExternalStore(subscribe, () => isNew);
}
