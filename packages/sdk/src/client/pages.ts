import { ok, type Result } from '@iotw/kernel/result';
import { readResult } from './answer.js';
import type { Connection } from './connection.js';
import { callJson } from './request.js';

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null at the end. */
  readonly next: string | null;
}

export interface PageOptions {
  /** Entries of one request; the server's default unless given. */
  readonly limit?: number;
  /** `next` of an earlier page. */
  readonly cursor?: string;
  readonly signal?: AbortSignal;
  /** What the list is narrowed by, such as `maker`. */
  readonly filter?: Readonly<Record<string, string | number | undefined>>;
}

/** One page of a list. `read` makes an entry of its JSON. Codes: those of a call. */
export async function getPage<T>(
  connection: Connection,
  path: string,
  options: PageOptions,
  read: (json: unknown) => Result<T>,
): Promise<Result<Page<T>>> {
  const { limit, cursor, signal, filter } = options;
  const answer = await callJson(connection, { path, query: { ...filter, limit, cursor }, signal });
  const page = readResult<{ items: readonly unknown[]; next: unknown }>(answer, {
    items: 'array',
    next: 'any',
  });
  if (!page.ok) return page;
  const items: T[] = [];
  for (const json of page.value.items) {
    const item = read(json);
    if (!item.ok) return item;
    items.push(item.value);
  }
  const { next } = page.value;
  return ok({ items, next: typeof next === 'string' && next !== '' ? next : null });
}

/** Every entry of a list, page after page; a failure is the last thing it gives. */
export async function* eachEntry<T>(
  connection: Connection,
  path: string,
  options: PageOptions,
  read: (json: unknown) => Result<T>,
): AsyncGenerator<Result<T>, void, void> {
  let cursor = options.cursor;
  for (;;) {
    const page = await getPage(
      connection,
      path,
      { ...options, ...(cursor === undefined ? {} : { cursor }) },
      read,
    );
    if (!page.ok) {
      yield page;
      return;
    }
    for (const item of page.value.items) yield ok(item);
    // A cursor that stands still would never end.
    if (page.value.next === null || page.value.next === cursor) return;
    cursor = page.value.next;
  }
}
