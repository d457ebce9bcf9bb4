import { BoundedMap } from '@iotw/kernel/bounded-map';
import type { Store } from '@iotw/kernel/ports/store';
import { collectBelow, lowerBound, type SortedRun } from './memory-table.js';
import { readPage, type Segment } from './segment.js';

/** Pages kept after a look-up, 32 KiB each. */
const CACHED_PAGES = 128;

/** Pages of segments on disk, the ones lately read kept. A page never changes while its segment lives. */
export class PageCache {
  readonly #store: Store;
  readonly #pages = new BoundedMap<string, SortedRun>(CACHED_PAGES);

  constructor(store: Store) {
    this.#store = store;
  }

  /** Throws IndexDamaged and StoreFaultError. */
  read(segment: number, table: number, page: number): SortedRun {
    const key = `${segment}/${table}/${page}`;
    const known = this.#pages.get(key);
    if (known !== undefined) return known;
    const run = readPage(this.#store, segment, table, page);
    this.#pages.set(key, run);
    return run;
  }

  clear(): void {
    this.#pages.clear();
  }
}

/** As collectBelow of memory-table.ts, over the pages of one table of a segment. */
export function collectFromSegment(
  pages: PageCache,
  segment: Segment,
  table: number,
  key: number,
  before: number,
  limit: number,
  out: number[],
): void {
  const { fences } = segment.tables[table]!;
  // The last page that begins below (key, before) holds the newest entry that counts.
  for (let page = lowerBound(fences, key, before) - 1; page >= 0 && out.length < limit; page--) {
    const run = pages.read(segment.id, table, page);
    collectBelow(run, key, before, limit, out);
    if (run.keys[0]! < key) return;
  }
}
