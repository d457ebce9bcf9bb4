import { bytes, F64, Table } from './table.js';

const SCHEMA = {
  /** Last applied round, 0 at genesis, and its agreed time. */
  round: F64,
  timeMs: F64,
  /** Its hash and the running hash of the state behind it. */
  hash: bytes(32),
  stateHash: bytes(32),
  /** Balances, reward pool, credits and bonds together: never changes. */
  supply: F64,
};

/** Where the ledger stands; one row. Not part of the state hash, which it holds. */
export class Chain extends Table<typeof SCHEMA> {
  constructor() {
    super('chain', SCHEMA);
    this.append();
  }

  get round(): number {
    return this.col.round[0]!;
  }

  get timeMs(): number {
    return this.col.timeMs[0]!;
  }

  get supply(): number {
    return this.col.supply[0]!;
  }
}
