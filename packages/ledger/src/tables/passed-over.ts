import { concatBytes, writeU16 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { KeyIndex, tableSalt } from './key-index.js';
import { bytes, Table, U16 } from './table.js';

const SCHEMA = {
  /** See `attemptKey`. */
  key: bytes(32),
  /** Ranks from the attempt's first up to here had to answer or miss. */
  cutOff: U16,
  /** A bit for each rank of the attempt that is owed nothing: it answered, gave up its place softly, or was shown. */
  settled: bytes(32),
};

/** Attempts kept of one epoch's blocks; of those beyond it nothing can be shown. */
export const MAX_PASSED_OVER = 65_536;

/**
 * Attempts in which ranks were passed over by misses, of the blocks of one epoch: what the ledger needs to judge
 * an answer that a certificate left out. Most blocks pass over nobody and leave nothing here.
 */
export class PassedOver extends Table<typeof SCHEMA> {
  readonly #index: KeyIndex;

  /** `slot`: epoch mod 2. */
  constructor(slot: number, salt: Uint8Array) {
    super(`passed-over-${slot}`, SCHEMA);
    this.#index = new KeyIndex(tableSalt(salt, 16 + slot));
  }

  /** Row of a block's attempt, or -1. */
  find(key: Uint8Array): number {
    return this.#index.find(this.col.key, key, 0);
  }

  /** `settled`: places of the ranks that are owed nothing, counted from the attempt's first. */
  record(key: Uint8Array, cutOff: number, settled: readonly number[]): void {
    if (this.rows >= MAX_PASSED_OVER || this.find(key) !== -1) return;
    const row = this.append();
    this.col.key.set(key, 32 * row);
    this.col.cutOff[row] = cutOff;
    for (const place of settled) this.col.settled[32 * row + (place >>> 3)]! |= 1 << (place & 7);
    this.#index.add(this.col.key, row);
  }

  isSettled(row: number, place: number): boolean {
    return (this.col.settled[32 * row + (place >>> 3)]! & (1 << (place & 7))) !== 0;
  }

  /** Journalled. */
  settle(row: number, place: number): void {
    const bits = this.bytes('settled', row);
    bits[place >>> 3]! |= 1 << (place & 7);
    this.setBytes('settled', row, bits);
  }

  protected override dropped(row: number): void {
    this.#index.removeLast(this.col.key, row);
  }

  protected override loaded(): void {
    this.#index.rebuild(this.col.key, this.rows);
  }
}

/** What an attempt of a block is found by: SHA-256 of block hash and attempt u16. */
export function attemptKey(hash: Uint8Array, attempt: number): Uint8Array {
  const number = new Uint8Array(2);
  writeU16(number, 0, attempt);
  return sha256(concatBytes(hash, number));
}
