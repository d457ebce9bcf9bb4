import type { Store, Write } from '@iotw/kernel/ports/store';
import { ok, type Result } from '@iotw/kernel/result';
import { INDEX_TABLES } from './location.js';
import { type EntrySource, mergeSources } from './merge.js';
import { encodeRun, PAGE_ENTRIES, PAGE_TABLE, pageKey, type Segment, type SegmentTable } from './segment.js';

/** Pages written by one commit, so that rounds which share the disk never wait long behind the index. */
const PAGES_PER_COMMIT = 16;

/**
 * Merges the sources of every table into the pages of a new segment, a page per turn of the event
 * loop. The segment counts only once the manifest names it, so an interrupted write leaves nothing
 * but unused pages. Codes of StoreFault. Throws IndexDamaged where a source does.
 */
export async function writeSegment(
  store: Store,
  head: Omit<Segment, 'tables'>,
  sources: (table: number) => readonly EntrySource[],
): Promise<Result<Segment>> {
  const tables: SegmentTable[] = [];
  let writes: Write[] = [];
  // The store copies what it commits: pages and the columns they are merged in serve again.
  const pages: Float64Array<ArrayBuffer>[] = [];
  const columns = { keys: new Float64Array(PAGE_ENTRIES), locations: new Float64Array(PAGE_ENTRIES) };
  for (let table = 0; table < INDEX_TABLES; table++) {
    const keys: number[] = [];
    const locations: number[] = [];
    let entries = 0;
    for (const run of mergeSources(sources(table), PAGE_ENTRIES, () => columns)) {
      if (pages.length === writes.length) pages.push(new Float64Array(2 * PAGE_ENTRIES));
      const value = encodeRun(run, pages[writes.length]!);
      writes.push({ table: PAGE_TABLE, key: pageKey(head.id, table, keys.length), value });
      keys.push(run.keys[0]!);
      locations.push(run.locations[0]!);
      entries += run.keys.length;
      if (writes.length === PAGES_PER_COMMIT) {
        const written = await store.commit(writes);
        if (!written.ok) return written;
        writes = [];
      }
      await nextTurn();
    }
    tables.push({
      entries,
      fences: { keys: Float64Array.from(keys), locations: Float64Array.from(locations) },
    });
  }
  if (writes.length > 0) {
    const written = await store.commit(writes);
    if (!written.ok) return written;
  }
  return ok({ ...head, tables });
}

/** The writes that remove the pages of a segment. */
export function segmentDeletes(segment: Segment): Write[] {
  return segment.tables.flatMap((table, number) =>
    Array.from({ length: table.fences.keys.length }, (_, page) => ({
      table: PAGE_TABLE,
      key: pageKey(segment.id, number, page),
      value: undefined,
    })),
  );
}

/** Lets everything else that is due run first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
