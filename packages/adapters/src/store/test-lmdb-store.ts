import { utf8 } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { assert } from 'vitest';
import { type Failpoints, parseFailpoints } from '../failpoints/failpoints.js';
import { type LmdbStoreOptions, openLmdbStore } from './lmdb-store.js';

export async function openedStore(options: LmdbStoreOptions): Promise<Store> {
  const opened = await openLmdbStore(options);
  assert(opened.ok, opened.ok ? '' : `${opened.error.code}: ${opened.error.message}`);
  return opened.value;
}

/** `open`, or the code of the refusal. */
export async function codeOfOpening(options: LmdbStoreOptions): Promise<string> {
  const opened = await openLmdbStore(options);
  if (opened.ok) await opened.value.close();
  return opened.ok ? 'open' : opened.error.code;
}

export function points(text: string): Failpoints | undefined {
  const parsed = parseFailpoints(text);
  assert(parsed.ok);
  return parsed.value;
}

export const row = (key: string, value: string | Uint8Array, table = 'a') => ({
  table,
  key: utf8(key),
  value: typeof value === 'string' ? utf8(value) : value,
});
