import { assert } from '@iotw/kernel/assert';
import { ColumnPool } from './column-pool.js';
import { KEY_BITS } from './location.js';

/** Entries gathered before they are sorted; places in a run have 14 bits. */
export const RUN_ENTRIES = 16_384;
const KEY_LIMIT = 2 ** KEY_BITS;

/** Entries (key, location), ascending, in two columns. */
export interface SortedRun {
  readonly keys: Float64Array<ArrayBuffer>;
  readonly locations: Float64Array<ArrayBuffer>;
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
  readonly #columns: ColumnPool;
  readonly #keys: Float64Array<ArrayBuffer>;
  readonly #locations: Float64Array<ArrayBuffer>;
  #count = 0;
  entries = 0;

  /** `columns`: of RUN_ENTRIES numbers each. */
  constructor(columns: ColumnPool = new ColumnPool(RUN_ENTRIES)) {
    this.#columns = columns;
    this.#keys = columns.take();
    this.#locations = columns.take();
  }

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
    this.runs.push(sortRun(this.#keys, this.#locations, count, this.#columns));
    this.#count = 0;
  }

  /** Gives the columns back: the table is not read any more. */
  release(): void {
    for (const { keys, locations } of [...this.runs, { keys: this.#keys, locations: this.#locations }]) {
      this.#columns.give(keys);
      this.#columns.give(locations);
    }
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

/** Bits of a key that one pass orders by; three passes cover it. */
const DIGIT_BITS = 13;
const DIGITS = 2 ** DIGIT_BITS;
const PASSES = KEY_BITS / DIGIT_BITS;
const counts = new Uint32Array(PASSES * DIGITS);
/** The digits of each entry's key, and the entries' order before and after a pass. */
const digits = Array.from({ length: PASSES }, () => new Uint16Array(RUN_ENTRIES));
let order = new Uint16Array(RUN_ENTRIES);
let ordered = new Uint16Array(RUN_ENTRIES);

/**
 * Sorts by key and keeps entries of one key in the order they came in, which is their locations': a radix
 * sort from the lowest digit up. Keys that differ nowhere in a digit (account numbers are small) skip its pass.
 */
function sortRun(keys: Float64Array, locations: Float64Array, count: number, columns: ColumnPool): SortedRun {
  counts.fill(0);
  const [low, middle, high] = [digits[0]!, digits[1]!, digits[2]!];
  for (let i = 0; i < count; i++) {
    const key = keys[i]!;
    assert(key < KEY_LIMIT, 'an index key is below its limit');
    const upper = Math.floor(key / DIGITS);
    const a = key % DIGITS;
    const b = upper % DIGITS;
    const c = Math.floor(upper / DIGITS);
    low[i] = a;
    middle[i] = b;
    high[i] = c;
    counts[a]!++;
    counts[DIGITS + b]!++;
    counts[2 * DIGITS + c]!++;
    order[i] = i;
  }
  for (let pass = 0; pass < PASSES; pass++) passOver(digits[pass]!, pass * DIGITS, count);
  const sorted = { keys: columns.take().subarray(0, count), locations: columns.take().subarray(0, count) };
  for (let i = 0; i < count; i++) {
    const from = order[i]!;
    sorted.keys[i] = keys[from]!;
    sorted.locations[i] = locations[from]!;
  }
  return sorted;
}

function passOver(digit: Uint16Array, base: number, count: number): void {
  if (counts[base + digit[0]!] === count) return;
  let start = 0;
  for (let at = base; at < base + DIGITS; at++) {
    const here = counts[at]!;
    counts[at] = start;
    start += here;
  }
  for (let i = 0; i < count; i++) {
    const entry = order[i]!;
    ordered[counts[base + digit[entry]!]!++] = entry;
  }
  [order, ordered] = [ordered, order];
}
