import { KeyIndex, tableSalt } from './key-index.js';
import { bytes, F64, Table, U16, U32 } from './table.js';

const SCHEMA = {
  buyer: U32,
  seller: U32,
  /** Base units paid, and given back so far. */
  amount: F64,
  refunded: F64,
  /** Place of the operation in its transaction. */
  operation: U16,
  /** Row of TradeTransactions. */
  transaction: U32,
};

const TRANSACTION_SCHEMA = { id: bytes(32), first: U32 };

/** Transactions that hold trades: id to the number of the first trade. */
export class TradeTransactions extends Table<typeof TRANSACTION_SCHEMA> {
  readonly #index: KeyIndex;

  constructor(salt: Uint8Array) {
    super('trade-transactions', TRANSACTION_SCHEMA);
    this.#index = new KeyIndex(tableSalt(salt, 2));
  }

  /** Row of the transaction id (32 bytes of `b` at `at`), or -1. */
  find(b: Uint8Array, at = 0): number {
    return this.#index.find(this.col.id, b, at);
  }

  open(b: Uint8Array, at: number, first: number): number {
    const row = this.append();
    this.col.id.set(b.subarray(at, at + 32), 32 * row);
    this.col.first[row] = first;
    this.#index.add(this.col.id, row);
    return row;
  }

  protected override dropped(row: number): void {
    this.#index.removeLast(this.col.id, row);
  }

  protected override loaded(): void {
    this.#index.rebuild(this.col.id, this.rows);
  }
}

export interface TradeRecord {
  readonly number: number;
  readonly buyer: number;
  readonly seller: number;
  readonly amount: number;
  readonly refunded: number;
  readonly operation: number;
}

/** Paid trades by number; the trades of one transaction stand one after another. */
export class Trades extends Table<typeof SCHEMA> {
  readonly transactions: TradeTransactions;

  constructor(salt: Uint8Array) {
    super('trades', SCHEMA);
    this.transactions = new TradeTransactions(salt);
  }

  /** The trade number of operation `operation` of transaction `id` (32 bytes), or -1. */
  find(id: Uint8Array, operation: number): number {
    const transaction = this.transactions.find(id);
    if (transaction === -1) return -1;
    const first = this.transactions.col.first[transaction]!;
    // Operations ascend, so the trade is at most `operation` places behind the first.
    for (let trade = Math.min(first + operation, this.rows - 1); trade >= first; trade--) {
      if (this.col.transaction[trade] !== transaction) continue;
      if (this.col.operation[trade] === operation) return trade;
      if (this.col.operation[trade]! < operation) return -1;
    }
    return -1;
  }

  /** The trade as a plain object. */
  read(number: number): TradeRecord | undefined {
    if (number < 0 || number >= this.rows) return undefined;
    return {
      number,
      buyer: this.col.buyer[number]!,
      seller: this.col.seller[number]!,
      amount: this.col.amount[number]!,
      refunded: this.col.refunded[number]!,
      operation: this.col.operation[number]!,
    };
  }
}
