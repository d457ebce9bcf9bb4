import { assert } from '@iotw/kernel/assert';
import { KEY_BITS } from './location.js';

/** Entries gathered before they are sorted; places in a run have 14 bits. */
export const RUN_ENTRIES = 16_384;
const KEY_LIMIT = 2 ** KEY_BITS;

/** Entries (key, location), ascending, in two columns. */
export interface SortedRun {
  readonly keys: Float64Array;
  readonly locations: Float64Array;
}

/** First place whose (key, location) is not below the one given. */
export function lowerBound(run: SortedRun, key: number, location: number): number {
  let low = 0;
  let high = run.keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = run.keys[middle]!;
    if (at < key || (at === key && run.locations[middle]! < location)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds to `out` the locations under `key` below `before`, newest first, until `out` holds `limit`. */
export function collectBelow(
  run: SortedRun,
  key: number,
  before: number,
  limit: number,
  out: number[],
): void {
  for (let at = lowerBound(run, key, before) - 1; at >= 0 && out.length < limit; at--) {
    if (run.keys[at] !== key) return;
    out.push(run.locations[at]!);
  }
}

/**
 * One table of the young segment: an unsorted end that is appended to and sorted runs behind it.
 * Entries come in the order of their locations, so runs never overlap in time.
 */
export class MemoryTable {
  readonly runs: SortedRun[] = [];
  #keys = new Float64Array(RUN_ENTRIES);
  #locations = new Float64Array(RUN_ENTRIES);
  #count = 0;
  entries = 0;

  /** `location` is not below any added before. */
  add(key: number, location: number): void {
    const at = this.#count;
    this.#keys[at] = key;
    this.#locations[at] = location;
    this.entries++;
    if (at + 1 === RUN_ENTRIES) {
      this.#count = RUN_ENTRIES;
      this.seal();
    } else this.#count = at + 1;
  }

  /** Sorts the unsorted end into a run. */
  seal(): void {
    const count = this.#count;
    if (count === 0) return;
    this.runs.push(sortRun(this.#keys, this.#locations, count));
    this.#count = 0;
  }

  collectBelow(key: number, before: number, limit: number, out: number[]): void {
    const keys = this.#keys;
    const locations = this.#locations;
    for (let at = this.#count - 1; at >= 0 && out.length < limit; at--) {
      if (keys[at] === key && locations[at]! < before) out.push(locations[at]!);
    }
    for (let i = this.runs.length - 1; i >= 0 && out.length < limit; i--) {
      collectBelow(this.runs[i]!, key, before, limit, out);
    }
  }
}

const scratch = new Float64Array(RUN_ENTRIES);

/** Sorts by key, places in the low bits: one native sort of plain numbers, without a comparator. */
function sortRun(keys: Float64Array, locations: Float64Array, count: number): SortedRun {
  for (let i = 0; i < count; i++) {
    assert(keys[i]! < KEY_LIMIT, 'an index key is below its limit');
    scratch[i] = keys[i]! * RUN_ENTRIES + i;
  }
  const order = scratch.subarray(0, count).sort();
  const sorted = { keys: new Float64Array(count), locations: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const packed = order[i]!;
    const key = Math.floor(packed / RUN_ENTRIES);
    sorted.keys[i] = key;
    sorted.locations[i] = locations[packed - key * RUN_ENTRIES]!;
  }
  return sorted;
}
