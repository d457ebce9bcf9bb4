import type { Accounts } from './accounts.js';
import { F64, Table, U32 } from './table.js';

const SCHEMA = {
  /** Account number. */
  account: U32,
  /** Least balance at its epoch's beginning and at the end of each round since, base units. */
  least: F64,
};

/**
 * The accounts that owned devices when the running epoch began, ascending, with their least balance
 * since. An account that came to own its first device later has none: what it held before is not known.
 *
 * One sample per round is enough: at any one of them the balances of all accounts together are the
 * supply, so moving money between accounts never lets it count twice.
 */
export class Stakes extends Table<typeof SCHEMA> {
  /** One bit per account: nearly all that a round touches own no device, and this fits a cache. */
  #tracked = new Uint8Array(0);
  readonly #row = new Map<number, number>();

  constructor() {
    super('stakes', SCHEMA);
  }

  /** Begins an epoch: `owners` ascending, with the balances they have now. */
  begin(owners: readonly number[], accounts: Accounts): void {
    this.clear();
    this.reserve(owners.length);
    for (const account of owners) {
      const row = this.append();
      this.col.account[row] = account;
      this.col.least[row] = accounts.balance(account);
    }
    this.#index();
  }

  /** At a round's end: lowers what fell. */
  observe(accounts: Accounts): void {
    const { touched, touchedCount } = accounts;
    const tracked = this.#tracked;
    for (let i = 0; i < touchedCount; i++) {
      const account = touched[i]!;
      const byte = tracked[account >>> 3];
      if (byte === undefined || (byte & (1 << (account & 7))) === 0) continue;
      const row = this.#row.get(account)!;
      const balance = accounts.balance(account);
      if (balance < this.col.least[row]!) this.set('least', row, balance);
    }
  }

  /** Base units; 0 for an account that owned no device when the epoch began. */
  least(account: number): number {
    const row = this.#row.get(account);
    return row === undefined ? 0 : this.col.least[row]!;
  }

  #index(): void {
    this.#row.clear();
    const c = this.col;
    this.#tracked = new Uint8Array(this.rows === 0 ? 0 : (c.account[this.rows - 1]! >>> 3) + 1);
    for (let row = 0; row < this.rows; row++) {
      const account = c.account[row]!;
      this.#row.set(account, row);
      this.#tracked[account >>> 3]! |= 1 << (account & 7);
    }
  }

  protected override loaded(): void {
    this.#index();
  }
}
