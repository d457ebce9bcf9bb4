import { fail, ok, type Result } from '@iotw/kernel/result';
import { z } from 'zod';
import { PAGE_DEFAULT, PAGE_MOST } from '../limits.js';

/** Query of every list: a page of at most `limit` entries behind an opaque cursor. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_MOST).default(PAGE_DEFAULT),
  cursor: z.string().max(64).optional().describe('`next` of the page before'),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** The form of a page of `item`. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().describe('cursor of the next page, null at the end'),
  });
}

export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

/** A cursor names where a list goes on by a number that growth of the list never moves. */
export function encodeCursor(kind: string, place: number): string {
  return Buffer.from(`${kind}:${place.toString(36)}`).toString('base64url');
}

/** `first` where there is no cursor. Errors: `cursor-invalid`. */
export function decodeCursor(kind: string, cursor: string | undefined, first: number): Result<number> {
  if (cursor === undefined) return ok(first);
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const place = text.startsWith(`${kind}:`) ? Number.parseInt(text.slice(kind.length + 1), 36) : Number.NaN;
  return Number.isSafeInteger(place) && place >= 0 && encodeCursor(kind, place) === cursor
    ? ok(place)
    : fail('cursor-invalid', 'This cursor is of another list or was changed: begin without a cursor.');
}

/**
 * A page of rows 0..rows-1 in ascending order. `read` gives undefined for rows that a filter leaves
 * out; at most `scan` rows are looked at, so that no filter makes one request long.
 */
export function pageOfRows<T>(
  kind: string,
  query: PageQuery,
  rows: number,
  scan: number,
  read: (row: number) => T | undefined,
): Result<Page<T>> {
  const from = decodeCursor(kind, query.cursor, 0);
  if (!from.ok) return from;
  const items: T[] = [];
  const end = Math.min(rows, from.value + scan);
  let row = from.value;
  for (; row < end && items.length < query.limit; row++) {
    const item = read(row);
    if (item !== undefined) items.push(item);
  }
  return ok({ items, next: row < rows ? encodeCursor(kind, row) : null });
}
