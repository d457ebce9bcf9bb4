import type { Store } from '@iotw/kernel/ports/store';
import { INDEX_TABLES } from './location.js';
import type { SortedRun } from './memory-table.js';

/** Entries in one page, 16 bytes each: 32 KiB are read for one look-up. */
export const PAGE_ENTRIES = 2048;
export const PAGE_TABLE = 'index-pages';
export const SEGMENT_TABLE = 'index-segments';

/** One table of a segment on disk: only the first entry of every page stays in memory. */
export interface SegmentTable {
  readonly entries: number;
  /** First (key, location) of each page. */
  readonly fences: SortedRun;
}

/** A run of history on disk: everything from location `from` up to, not including, `to`. */
export interface Segment {
  readonly id: number;
  /** Merged from segments one level below; 0 came from memory. */
  readonly level: number;
  readonly from: number;
  readonly to: number;
  readonly tables: readonly SegmentTable[];
}

export function pageKey(segment: number, table: number, page: number): Uint8Array {
  const key = new Uint8Array(9);
  const view = new DataView(key.buffer);
  view.setUint32(0, segment);
  view.setUint8(4, table);
  view.setUint32(5, page);
  return key;
}

/** First key of a segment's pages, and of the next segment's. */
export function segmentKey(segment: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, segment);
  return key;
}

/**
 * Two columns one after the other, in the byte order of the machine that also reads them, written into
 * `page`, which holds at least as many entries.
 */
export function encodeRun(run: SortedRun, page: Float64Array<ArrayBuffer>): Uint8Array {
  page.set(run.keys);
  page.set(run.locations, run.keys.length);
  return new Uint8Array(page.buffer, page.byteOffset, 16 * run.keys.length);
}

/** `undefined` where the bytes are no run. */
export function decodeRun(bytes: Uint8Array): SortedRun | undefined {
  if (bytes.length % 16 !== 0) return undefined;
  const columns = new Float64Array(bytes.length / 8);
  new Uint8Array(columns.buffer).set(bytes);
  const count = bytes.length / 16;
  return { keys: columns.subarray(0, count), locations: columns.subarray(count) };
}

const HEAD = 4;

/** level, from, to, tables; then of each table entries, pages, fences. */
export function encodeSegment(segment: Segment): Uint8Array {
  const numbers: number[] = [segment.level, segment.from, segment.to, segment.tables.length];
  for (const { entries, fences } of segment.tables) {
    numbers.push(entries, fences.keys.length, ...fences.keys, ...fences.locations);
  }
  return new Uint8Array(Float64Array.from(numbers).buffer);
}

/** `undefined` where the bytes are no segment of this version. */
export function decodeSegment(id: number, bytes: Uint8Array): Segment | undefined {
  if (bytes.length % 8 !== 0 || bytes.length < 8 * HEAD) return undefined;
  const numbers = new Float64Array(bytes.length / 8);
  new Uint8Array(numbers.buffer).set(bytes);
  if (numbers[3] !== INDEX_TABLES) return undefined;
  const tables: SegmentTable[] = [];
  let at = HEAD;
  for (let table = 0; table < INDEX_TABLES; table++) {
    const entries = numbers[at]!;
    const pages = numbers[at + 1]!;
    const end = at + 2 + 2 * pages;
    if (!(end <= numbers.length)) return undefined;
    const keys = numbers.slice(at + 2, at + 2 + pages);
    tables.push({ entries, fences: { keys, locations: numbers.slice(at + 2 + pages, end) } });
    at = end;
  }
  return at === numbers.length
    ? { id, level: numbers[0]!, from: numbers[1]!, to: numbers[2]!, tables }
    : undefined;
}

/** Reads one page; a page that is gone is a damaged index, which whoever runs it rebuilds. */
export function readPage(store: Store, segment: number, table: number, page: number): SortedRun {
  const bytes = store.get(PAGE_TABLE, pageKey(segment, table, page));
  const run = bytes === undefined ? undefined : decodeRun(bytes);
  if (run === undefined) throw new IndexDamaged(`page ${page} of table ${table} of segment ${segment}`);
  return run;
}

/** The index on disk is not what was written: it is thrown away and built anew. */
export class IndexDamaged extends Error {
  override readonly name = 'IndexDamaged';
  constructor(what: string) {
    super(`the index lacks ${what}`);
  }
}
