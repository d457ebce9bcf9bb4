import type { Store } from '@iotw/kernel/ports/store';
import type { SortedRun } from './memory-table.js';
import { readPage, type Segment } from './segment.js';

/** Entries of one table in ascending order, given out run by run. */
export interface EntrySource {
  /** The next sorted run, `undefined` at the end. */
  next(): SortedRun | undefined;
}

export function runSource(run: SortedRun): EntrySource {
  let given = false;
  return {
    next() {
      if (given) return undefined;
      given = true;
      return run;
    },
  };
}

/** The pages of one table of a segment, read one at a time and past the cache. */
export function pageSource(store: Store, segment: Segment, table: number): EntrySource {
  const pages = segment.tables[table]!.fences.keys.length;
  let page = 0;
  return { next: () => (page < pages ? readPage(store, segment.id, table, page++) : undefined) };
}

interface Head {
  readonly source: EntrySource;
  run: SortedRun;
  at: number;
}

/**
 * Merges sorted sources into runs of `size` entries (the last may be shorter), dropping doubled
 * entries. A generator, so that the caller decides how much of it one turn of the event loop does.
 * `room` gives the columns of the next run, `size` entries each.
 */
export function* mergeSources(
  sources: readonly EntrySource[],
  size: number,
  room: () => SortedRun = () => ({ keys: new Float64Array(size), locations: new Float64Array(size) }),
): Generator<SortedRun> {
  const heads: Head[] = [];
  for (const source of sources) {
    const run = source.next();
    if (run !== undefined && run.keys.length > 0) heads.push({ source, run, at: 0 });
  }
  let { keys, locations } = room();
  let count = 0;
  let lastKey = -1;
  let lastLocation = -1;
  while (heads.length > 0) {
    const least = leastHead(heads);
    const head = heads[least]!;
    const key = head.run.keys[head.at]!;
    const location = head.run.locations[head.at]!;
    if (key !== lastKey || location !== lastLocation) {
      keys[count] = key;
      locations[count] = location;
      lastKey = key;
      lastLocation = location;
      if (++count === size) {
        yield { keys, locations };
        ({ keys, locations } = room());
        count = 0;
      }
    }
    if (++head.at === head.run.keys.length) advance(heads, least);
  }
  if (count > 0) yield { keys: keys.subarray(0, count), locations: locations.subarray(0, count) };
}

function leastHead(heads: readonly Head[]): number {
  let least = 0;
  let key = heads[0]!.run.keys[heads[0]!.at]!;
  let location = heads[0]!.run.locations[heads[0]!.at]!;
  for (let i = 1; i < heads.length; i++) {
    const { run, at } = heads[i]!;
    const k = run.keys[at]!;
    if (k > key) continue;
    const l = run.locations[at]!;
    if (k === key && l >= location) continue;
    least = i;
    key = k;
    location = l;
  }
  return least;
}

function advance(heads: Head[], index: number): void {
  const head = heads[index]!;
  const run = head.source.next();
  if (run === undefined || run.keys.length === 0) heads.splice(index, 1);
  else {
    head.run = run;
    head.at = 0;
  }
}
