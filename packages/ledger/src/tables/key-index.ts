import { assert } from '@iotw/kernel/assert';
import { concatBytes, readU32, writeU32 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';

const HALVES = 16;
const FIRST_BITS = 10;
/** Keys found lately, as a power of two. */
const RECENT_BITS = 14;

/**
 * From a 32-byte key to a row number: open addressing with linear probing over one Uint32Array, at
 * most half full. The keys themselves stay in the table's key column.
 *
 * Anyone may credit 32 arbitrary bytes, so keys can be chosen to collide. The hash is therefore the
 * multiply-shift family over the key's 16-bit halves (Dietzfelbinger 1996) with multipliers from a
 * salt: give each process a secret one. Nothing that reaches a hash or a balance depends on it.
 *
 * A sender is looked for by the entrance, the ledger and the history index within a tenth of a second, one of a million and
 * each time in memory that no cache holds. So a large index keeps the rows it found lately in 64 KiB before it.
 */
export class KeyIndex {
  #slots: Uint32Array;
  #shift: number;
  #count = 0;
  /** Rows found lately + 1, by the first bits of their keys' hashes; empty while the slots are no more than these. */
  #recent = new Uint32Array(0);
  readonly #multipliers = new Uint32Array(HALVES);

  readonly #stride: number;
  readonly #offset: number;

  /** The key of row r stands in the column at r * stride + offset. */
  constructor(salt: Uint8Array, stride = 32, offset = 0) {
    this.#stride = stride;
    this.#offset = offset;
    this.#slots = new Uint32Array(2 ** FIRST_BITS);
    this.#shift = 32 - FIRST_BITS;
    const label = new Uint8Array(1);
    const stream = concatBytes(sha256(concatBytes(salt, label)), sha256(concatBytes(salt, Uint8Array.of(1))));
    for (let i = 0; i < HALVES; i++) this.#multipliers[i] = readU32(stream, 4 * i) | 1;
  }

  #hash(b: Uint8Array, at: number): number {
    const m = this.#multipliers;
    let h = 0;
    for (let i = 0; i < HALVES; i++) {
      h = (h + Math.imul(m[i]!, b[at + 2 * i]! | (b[at + 2 * i + 1]! << 8))) | 0;
    }
    return h;
  }

  /** The row whose key equals the 32 bytes of `b` at `at`, or -1. `keys` is the key column. */
  find(keys: Uint8Array, b: Uint8Array, at: number): number {
    const hash = this.#hash(b, at);
    const recent = this.#recent;
    if (recent.length === 0) return this.#lookFor(hash, keys, b, at);
    const place = hash >>> (32 - RECENT_BITS);
    const lately = recent[place]! - 1;
    if (lately >= 0 && same(keys, lately * this.#stride + this.#offset, b, at)) return lately;
    const row = this.#lookFor(hash, keys, b, at);
    if (row >= 0) recent[place] = row + 1;
    return row;
  }

  #lookFor(hash: number, keys: Uint8Array, b: Uint8Array, at: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash >>> this.#shift;
    for (;;) {
      const entry = slots[slot]!;
      if (entry === 0) return -1;
      if (same(keys, (entry - 1) * this.#stride + this.#offset, b, at)) return entry - 1;
      slot = (slot + 1) & mask;
    }
  }

  /** Adds `row`, whose key stands in `keys` already and is not in the index. */
  add(keys: Uint8Array, row: number): void {
    if (2 * (this.#count + 1) > this.#slots.length) this.#double(keys);
    this.#insert(keys, row);
    this.#count++;
  }

  /** Removes the row that was added last. */
  removeLast(keys: Uint8Array, row: number): void {
    const mask = this.#slots.length - 1;
    const hash = this.#hash(keys, row * this.#stride + this.#offset);
    const place = hash >>> (32 - RECENT_BITS);
    if (this.#recent[place] === row + 1) this.#recent[place] = 0;
    let slot = hash >>> this.#shift;
    while (this.#slots[slot] !== row + 1) {
      assert(this.#slots[slot] !== 0, 'the row is in the index');
      slot = (slot + 1) & mask;
    }
    // Nothing was added after it, so no later key was pushed on by this slot.
    this.#slots[slot] = 0;
    this.#count--;
  }

  #insert(keys: Uint8Array, row: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hash(keys, row * this.#stride + this.#offset) >>> this.#shift;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row + 1;
  }

  /** Rows are put back in the order of their numbers, so that the last is still the last. */
  #double(keys: Uint8Array): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    this.#shift--;
    if (this.#recent.length === 0 && this.#slots.length > 2 ** RECENT_BITS)
      this.#recent = new Uint32Array(2 ** RECENT_BITS);
    for (let row = 0; row < this.#count; row++) this.#insert(keys, row);
  }

  /** Starts over with rows 0..count-1 of `keys`. */
  rebuild(keys: Uint8Array, count: number): void {
    this.#slots.fill(0);
    this.#recent.fill(0);
    this.#count = 0;
    for (let row = 0; row < count; row++) this.add(keys, row);
  }
}

function same(a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean {
  for (let i = 0; i < 32; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}

/** A salt for the index of one table, from the process' salt and the table's name. */
export function tableSalt(salt: Uint8Array, table: number): Uint8Array {
  const label = new Uint8Array(4);
  writeU32(label, 0, table);
  return concatBytes(salt, label);
}
