import { notifyManager, QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { onBack } from './reachability.ts';

/** Answers of the API server. The SDK tries again by itself; the ledger's past doesn't change, its present does. */
export const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 2_000, networkMode: 'always' } },
});

onBack(() => {
  queries.invalidateQueries().catch(() => undefined);
});

/** When the oldest of what the page shows came from the server, ms since 1970; undefined: it shows nothing of it. */
export function useOldestShown(): number | undefined {
  return useSyncExternalStore(subscribe, oldestShown);
}

function subscribe(listener: () => void): () => void {
  return queries.getQueryCache().subscribe(notifyManager.batchCalls(listener));
}

function oldestShown(): number | undefined {
  const shown = queries
    .getQueryCache()
    .findAll({ type: 'active' })
    .filter(({ state }) => state.data !== undefined)
    .map(({ state }) => state.dataUpdatedAt);
  return shown.length === 0 ? undefined : Math.min(...shown);
}
