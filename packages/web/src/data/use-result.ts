import type { Failure, Result } from '@iotw/kernel/result';
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { keepSeen, lastSeen } from './last-seen.ts';
import { queries } from './queries.ts';

/** A failure on its way through React, which passes on what is thrown. */
export class FailureError extends Error {
  override readonly name = 'FailureError';
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** Code of a server, or a way to it, that is gone. */
export const UNREACHABLE = 'client-unreachable';

export interface ResultOptions {
  /** Asks again so often, ms. */
  readonly every?: number;
  /** Shows the answer to the last key until that to the new one is there. */
  readonly keep?: boolean;
  readonly enabled?: boolean;
}

/**
 * What a call of the SDK gives, kept by `key`; its failure is the query's error. A server that can't be reached leaves what was
 * seen last, under the time when it was seen: the banner of the frame tells it.
 */
export function useResult<T>(
  key: readonly unknown[],
  call: (signal: AbortSignal) => Promise<Result<T>>,
  { every, keep = false, enabled = true }: ResultOptions = {},
): UseQueryResult<T, FailureError> {
  return useQuery<T, FailureError>({
    ...asked(key, call),
    enabled,
    ...(every === undefined ? {} : { refetchInterval: every }),
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Asks before the page that shows it is there. It ends with the answer, or without one after `patienceMs`; the page tells a failure. */
export async function askAhead<T>(
  key: readonly unknown[],
  call: (signal: AbortSignal) => Promise<Result<T>>,
  patienceMs: number,
): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, patienceMs));
  await Promise.race([queries.prefetchQuery(asked(key, call)), late]);
}

function asked<T>(key: readonly unknown[], call: (signal: AbortSignal) => Promise<Result<T>>) {
  return {
    queryKey: key,
    queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<T> => {
      const result = await call(signal);
      if (result.ok) {
        void keepSeen(key, result.value, Date.now());
        return result.value;
      }
      if (result.error.code === UNREACHABLE) await showLastSeen(key);
      throw new FailureError(result.error);
    },
  };
}

async function showLastSeen(key: readonly unknown[]): Promise<void> {
  if (queries.getQueryData(key) !== undefined) return;
  const seen = await lastSeen(key);
  if (seen !== undefined) queries.setQueryData(key, seen.value, { updatedAt: seen.atMs });
}
