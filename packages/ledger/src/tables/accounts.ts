import { assert } from '@iotw/kernel/assert';
import { KeyIndex, tableSalt } from './key-index.js';
import { bytes, Table } from './table.js';

/** One account is one cache line: a transfer at 10^6 accounts costs what it misses, not what it computes. */
const RECORD_BYTES = 64;
const F64_PER_RECORD = RECORD_BYTES / 8;
const U32_PER_RECORD = RECORD_BYTES / 4;
/** Places in a record, counted in float64s: balance, highest used sequence, round of the last change. */
const BALANCE = 0;
const SEQUENCE = 1;
const ROUND = 3;
/** Counted in uint32s: bit i (of 64, low then high) says that sequence - i is used. */
const USED_LOW = 4;
const USED_HIGH = 5;
/** In bytes: the 32-byte key. */
const KEY = 32;

const SCHEMA = {
  /** balance f64, sequence f64, used u32 low and high, round f64, key 32. */
  record: bytes(RECORD_BYTES),
};

/**
 * Accounts by compact number, in the order in which they were first credited. An account never goes
 * away: its number may stand in any later transaction. Which accounts a round touched is kept in the
 * records themselves, with the balances it found, for the state hash and the supply check.
 */
export class Accounts extends Table<typeof SCHEMA> {
  readonly #index: KeyIndex;
  #f64: Float64Array = new Float64Array(0);
  #u32: Uint32Array = new Uint32Array(0);
  /** The round being applied, and how many accounts there were when it began. */
  #round = 0;
  #before = 0;
  /** Balances that this round found, beside `touched`. */
  #found = new Float64Array(64);

  constructor(salt: Uint8Array) {
    super('accounts', SCHEMA, 1024);
    this.#index = new KeyIndex(tableSalt(salt, 1), RECORD_BYTES, KEY);
    this.#bind();
  }

  protected override grown(): void {
    // The base constructor reserves before there are fields to bind.
    if (#f64 in this) this.#bind();
  }

  #bind(): void {
    const { buffer } = this.col.record;
    this.#f64 = new Float64Array(buffer);
    this.#u32 = new Uint32Array(buffer);
  }

  /** The account number of a 32-byte key (in `b` at `at`), or -1. */
  find(b: Uint8Array, at = 0): number {
    return this.#index.find(this.col.record, b, at);
  }

  /** A new account with nothing on it; the key must be unknown. */
  open(b: Uint8Array, at = 0): number {
    const number = this.rows;
    if (number === this.capacity) this.reserve(number + 1);
    this.rows = number + 1;
    const from = RECORD_BYTES * number + KEY;
    for (let i = 0; i < 32; i++) this.col.record[from + i] = b[at + i]!;
    this.#f64[F64_PER_RECORD * number + ROUND] = this.#round;
    this.#index.add(this.col.record, number);
    return number;
  }

  /** find, or open where unknown. */
  findOrOpen(b: Uint8Array, at = 0): number {
    const found = this.find(b, at);
    return found === -1 ? this.open(b, at) : found;
  }

  /** Base units; 0 for a number nobody has (also -1, find's answer). */
  balance(number: number): number {
    return number >= 0 && number < this.rows ? this.#f64[F64_PER_RECORD * number + BALANCE]! : 0;
  }

  /** Writes the balance of an account that was touched. */
  setBalance(number: number, amount: number): void {
    this.#f64[F64_PER_RECORD * number + BALANCE] = amount;
  }

  /** Highest used sequence; 0 before the first. The next that is surely free is one more. */
  sequence(number: number): number {
    return number >= 0 && number < this.rows ? this.#f64[F64_PER_RECORD * number + SEQUENCE]! : 0;
  }

  /** Word 0 or 1 of the bitmap: bit i says that sequence - 32 * word - i is used. */
  used(number: number, word: 0 | 1): number {
    return this.#u32[U32_PER_RECORD * number + (word === 0 ? USED_LOW : USED_HIGH)]!;
  }

  /** Writes the sequence window of an account that was touched. */
  setWindow(number: number, sequence: number, low: number, high: number): void {
    this.#f64[F64_PER_RECORD * number + SEQUENCE] = sequence;
    this.#u32[U32_PER_RECORD * number + USED_LOW] = low;
    this.#u32[U32_PER_RECORD * number + USED_HIGH] = high;
  }

  /** Round that last changed the account; 0: the genesis. */
  changedRound(number: number): number {
    return number >= 0 && number < this.rows ? this.#f64[F64_PER_RECORD * number + ROUND]! : 0;
  }

  /** A copy of the account's 32-byte key. */
  key(number: number): Uint8Array {
    const from = RECORD_BYTES * number + KEY;
    return this.col.record.slice(from, from + 32);
  }

  /** Begins a round: what changes from here on is its. */
  beginRound(round: number): void {
    this.#round = round;
    this.#before = this.rows;
  }

  /** Call before an account changes: keeps what the round found. Accounts it opened need no mark. */
  override touch(number: number): void {
    const at = F64_PER_RECORD * number;
    const f64 = this.#f64;
    if (f64[at + ROUND] === this.#round || number >= this.#before) return;
    f64[at + ROUND] = this.#round;
    const n = this.touchedCount;
    if (n === this.touched.length) this.#grow(n);
    this.touched[n] = number;
    this.#found[n] = f64[at + BALANCE]!;
    this.touchedCount = n + 1;
  }

  #grow(n: number): void {
    const touched = new Uint32Array(2 * n);
    const found = new Float64Array(2 * n);
    touched.set(this.touched);
    found.set(this.#found);
    this.touched = touched;
    this.#found = found;
  }

  /** First account that this round opened. */
  get firstOpened(): number {
    return this.#before;
  }

  /** The records of the accounts this round opened, one after another; a view. */
  openedRecords(): Uint8Array {
    return this.col.record.subarray(RECORD_BYTES * this.#before, RECORD_BYTES * this.rows);
  }

  override endRound(): void {
    for (let i = 0; i < this.touchedCount; i++) this.markPage(this.touched[i]!);
    for (let number = this.#before; number < this.rows; number++) this.markPage(number);
    this.#before = this.rows;
    super.endRound();
  }

  /** What this round added to all balances together; exact, see the supply check. */
  roundChange(): number {
    let change = 0;
    for (let i = 0; i < this.touchedCount; i++) {
      change += this.#f64[F64_PER_RECORD * this.touched[i]! + BALANCE]! - this.#found[i]!;
    }
    for (let number = this.#before; number < this.rows; number++) change += this.balance(number);
    return change;
  }

  /** All balances together, counted afresh. */
  total(): number {
    let total = 0;
    for (let number = 0; number < this.rows; number++) total += this.balance(number);
    return total;
  }

  protected override dropped(row: number): void {
    assert(row >= this.#before, 'only accounts of this round are dropped');
    this.#index.removeLast(this.col.record, row);
  }

  protected override loaded(): void {
    this.#before = this.rows;
    this.#index.rebuild(this.col.record, this.rows);
  }
}
