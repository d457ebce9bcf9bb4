import { F64, Table } from './table.js';

const SCHEMA = {
  /** Not yet issued, refilled by fees; base units. */
  pool: F64,
  /** Fees taken and rewards paid since genesis. */
  fees: F64,
  paid: F64,
};

/** The reward pool; one row. */
export class Rewards extends Table<typeof SCHEMA> {
  constructor() {
    super('rewards', SCHEMA);
  }

  /** Base units left to issue. */
  get pool(): number {
    return this.col.pool[0]!;
  }

  /** Takes a fee or a slashed bond in; the giver's side is the caller's. */
  collect(amount: number): void {
    this.touch(0);
    this.col.pool[0] = this.col.pool[0]! + amount;
    this.col.fees[0] = this.col.fees[0]! + amount;
  }
}
