import type { Accounts } from './tables/accounts.js';
import type { CellWatcher, ColumnArray, Schema, Table } from './tables/table.js';

interface Cell {
  readonly table: Table<Schema>;
  readonly column: string;
  readonly row: number;
  readonly old: ColumnArray;
}

/**
 * What a transaction changed since its floor fee was taken, so that all of its operations apply or
 * none. Balances, the hot part, go into two preallocated arrays; other cells are copied one by one;
 * appended rows are dropped down to where each table stood.
 */
export class Journal implements CellWatcher {
  readonly #accounts: Accounts;
  readonly #tables: readonly Table<Schema>[];
  readonly #marks: Float64Array;
  readonly #cells: Cell[] = [];
  #numbers = new Uint32Array(4096);
  #balances = new Float64Array(4096);
  #count = 0;
  #open = false;

  /** `tables`: those that operations append to; `accounts` among them. */
  constructor(accounts: Accounts, tables: readonly Table<Schema>[]) {
    this.#accounts = accounts;
    this.#tables = tables;
    this.#marks = new Float64Array(tables.length);
  }

  begin(): void {
    this.#open = true;
    this.#count = 0;
    const tables = this.#tables;
    for (let i = 0; i < tables.length; i++) this.#marks[i] = tables[i]!.rows;
  }

  before(table: Table<Schema>, column: string, row: number): void {
    if (this.#open) this.#cells.push({ table, column, row, old: table.cell(column, row) });
  }

  /** Notes the account's balance and touches it; call before every change of a balance. */
  balance(number: number): void {
    this.#accounts.touch(number);
    if (!this.#open) return;
    const at = this.#count;
    if (at === this.#numbers.length) this.#grow();
    this.#numbers[at] = number;
    this.#balances[at] = this.#accounts.balance(number);
    this.#count = at + 1;
  }

  #grow(): void {
    const numbers = new Uint32Array(2 * this.#count);
    const balances = new Float64Array(2 * this.#count);
    numbers.set(this.#numbers);
    balances.set(this.#balances);
    this.#numbers = numbers;
    this.#balances = balances;
  }

  /** The changes stay. */
  commit(): void {
    this.#open = false;
    if (this.#cells.length > 0) this.#cells.length = 0;
  }

  /** Everything since begin() is undone, latest first. */
  rollback(): void {
    this.#open = false;
    for (let i = this.#cells.length - 1; i >= 0; i--) {
      const cell = this.#cells[i]!;
      cell.table.restore(cell.column, cell.row, cell.old);
    }
    this.#cells.length = 0;
    for (let i = this.#count - 1; i >= 0; i--) {
      this.#accounts.setBalance(this.#numbers[i]!, this.#balances[i]!);
    }
    for (let i = 0; i < this.#tables.length; i++) this.#tables[i]!.truncate(this.#marks[i]!);
  }
}
