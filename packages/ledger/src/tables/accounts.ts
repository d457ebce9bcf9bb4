import { KeyIndex, tableSalt } from './key-index.js';
import { bytes, F64, Table, U32 } from './table.js';

const SCHEMA = {
  key: bytes(32),
  /** Base units. */
  balance: F64,
  /** Highest used sequence; 0 before the first. */
  sequence: F64,
  /** Bit i (of 64, `used` then `usedHigh`): sequence - i is used. */
  used: U32,
  usedHigh: U32,
};

/**
 * Accounts by compact number, in the order in which they were first credited. An account never goes
 * away: its number may stand in any later transaction.
 */
export class Accounts extends Table<typeof SCHEMA> {
  readonly #index: KeyIndex;
  /** Balance at the first touch in this round, beside `touched`. */
  roundOld = new Float64Array(64);

  constructor(salt: Uint8Array) {
    super('accounts', SCHEMA, 1024);
    this.#index = new KeyIndex(tableSalt(salt, 1));
  }

  /** The account number of a 32-byte key (in `b` at `at`), or -1. */
  find(b: Uint8Array, at = 0): number {
    return this.#index.find(this.col.key, b, at);
  }

  /** A new account with nothing on it; the key must be unknown. */
  open(b: Uint8Array, at = 0): number {
    const number = this.append();
    this.col.key.set(b.subarray(at, at + 32), 32 * number);
    this.#index.add(this.col.key, number);
    return number;
  }

  /** find, or open where unknown. */
  findOrOpen(b: Uint8Array, at = 0): number {
    const found = this.find(b, at);
    return found === -1 ? this.open(b, at) : found;
  }

  /** Base units; 0 for a number nobody has. */
  balance(number: number): number {
    return number < this.rows ? this.col.balance[number]! : 0;
  }

  /** A copy of the account's 32-byte key. */
  key(number: number): Uint8Array {
    return this.bytes('key', number);
  }

  /** touch, and the balance the round began with kept for the supply check. */
  override touch(number: number): void {
    const before = this.touchedCount;
    super.touch(number);
    if (this.touchedCount === before) return;
    if (this.roundOld.length < this.touched.length) {
      const grown = new Float64Array(this.touched.length);
      grown.set(this.roundOld);
      this.roundOld = grown;
    }
    this.roundOld[before] = this.col.balance[number]!;
  }

  /** What this round added to all balances together; exact, see the supply check. */
  roundChange(): number {
    let change = 0;
    for (let i = 0; i < this.touchedCount; i++) {
      const number = this.touched[i]!;
      change += (number < this.rows ? this.col.balance[number]! : 0) - this.roundOld[i]!;
    }
    return change;
  }

  /** All balances together, counted afresh. */
  total(): number {
    let total = 0;
    for (let number = 0; number < this.rows; number++) total += this.col.balance[number]!;
    return total;
  }

  protected override dropped(row: number): void {
    this.#index.removeLast(this.col.key, row);
  }

  protected override loaded(): void {
    this.#index.rebuild(this.col.key, this.rows);
  }
}
