import { useSyncExternalStore } from 'react';

/** Whether the API server answers: what the reconnect banner shows, and when everything is asked for anew. */
export type Reachability = 'reachable' | 'unreachable' | 'offline';

const LOOK_MS = 2_000;

let answering = true;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const backs = new Set<() => void>();

function read(): Reachability {
  if (!navigator.onLine && !answering) return 'offline';
  return answering ? 'reachable' : 'unreachable';
}

function told(answers: boolean): void {
  if (answering === answers) return;
  answering = answers;
  for (const listener of listeners) listener();
  if (answers) for (const back of backs) back();
  else look();
}

/** Asks for a sign of life until there is one. */
function look(): void {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    try {
      const answer = await fetch('/healthz', { cache: 'no-store' });
      if (answer.ok) return told(true);
    } catch {
      // Still away.
    }
    look();
  }, LOOK_MS);
}

/** A proxy's word for a server that is gone. */
const GONE = new Set([502, 504]);

/** Fetch that notices whether the server answers at all; an aborted request says nothing about it. */
export async function watchedFetch(url: string, init?: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(url, init);
    told(!GONE.has(answer.status));
    return answer;
  } catch (error) {
    if (init?.signal?.aborted !== true) told(false);
    throw error;
  }
}

/** Calls `back` whenever the server answers again. Returns how to stop. */
export function onBack(back: () => void): () => void {
  backs.add(back);
  return () => backs.delete(back);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

export function useReachability(): Reachability {
  return useSyncExternalStore(subscribe, read);
}
