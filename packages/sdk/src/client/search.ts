import { ok, type Result } from '@iotw/kernel/result';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { callJson } from './request.js';

/** Something of the network that a search names. */
export interface SearchHit {
  /** `account`, `transaction`, `block`, `round`, `device`, `epoch`, `lane`, `maker`; newer servers may know more. */
  readonly kind: string;
  /** Its number, hash, key or address; `lane:height` of a block. */
  readonly id: string;
  /** Where the API serves it. */
  readonly path: string;
}

/** GET /v1/search?q=: everything that `q` may name. Codes: those of a call. */
export async function search(
  connection: Connection,
  q: string,
  signal?: AbortSignal,
): Promise<Result<readonly SearchHit[]>> {
  const answer = await callJson(connection, { path: '/v1/search', query: { q }, signal });
  const list = readResult<{ items: readonly unknown[] }>(answer, { items: 'array' });
  if (!list.ok) return list;
  const hits: SearchHit[] = [];
  for (const json of list.value.items) {
    const hit = readAnswer<SearchHit>(json, { kind: 'string', id: 'string', path: 'string' });
    if (!hit.ok) return hit;
    hits.push(hit.value);
  }
  return ok(hits);
}
