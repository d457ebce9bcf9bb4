import { Table, U32 } from './table.js';

const SCHEMA = {
  /** 1 + epoch; 0: unused. */
  epoch: U32,
  /** As a lane: blocks with a device committee, its paid seats, and over all of them the sums of distinct values. */
  committees: U32,
  seats: U32,
  owners: U32,
  makers: U32,
  regions: U32,
  hosts: U32,
  clouds: U32,
  /** Ranks that its blocks passed over: by a host's miss, hard or soft, by threshold; attempts that failed. */
  passedOver: U32,
  passedOverSoftly: U32,
  unheard: U32,
  failedAttempts: U32,
  /** Answers that its certificates left out and that somebody showed. */
  leftOut: U32,
  /** As a host: answers of its devices, misses it signed, hard and soft, ranks for which it was silent. */
  answers: U32,
  misses: U32,
  softMisses: U32,
  silences: U32,
  /** Answers of its devices that were passed over and that somebody showed. */
  answersLeftOut: U32,
  /** As a lane: attempts that its trust node assigned itself although the epoch names other assigners. */
  selfAssigned: U32,
};

type Column = Exclude<keyof typeof SCHEMA, 'epoch'>;

/** What the certificates of one epoch say of a trust node as lane and as host; or of all of them together. */
export type WitnessCounts = { readonly [C in Column]: number };

/** @public Every count, in the order of the table. */
export const WITNESS_COUNTS = Object.keys(SCHEMA).filter((name) => name !== 'epoch') as Column[];

/** Counts of each trust node in the running epoch and in the one before: rows 2 x number + (epoch mod 2). */
export class Witnessing extends Table<typeof SCHEMA> {
  constructor() {
    super('witnessing', SCHEMA);
  }

  /** The row to count in, touched; outside of transactions alone, since nothing is journalled. */
  row(node: number, epoch: number): number {
    const row = 2 * node + (epoch & 1);
    while (this.rows <= 2 * node + 1) this.append();
    this.touch(row);
    const { col } = this;
    if (col.epoch[row] !== epoch + 1) {
      for (const column of WITNESS_COUNTS) col[column][row] = 0;
      col.epoch[row] = epoch + 1;
    }
    return row;
  }

  /** Adds one inside of a transaction, journalled. */
  count(node: number, epoch: number, column: Column): void {
    const row = 2 * node + (epoch & 1);
    if (row >= this.rows || this.col.epoch[row] !== epoch + 1) this.row(node, epoch);
    this.add(column, row, 1);
  }

  /** What is kept of a node's epoch: all zeros where nothing was counted or it is too long ago. */
  read(node: number, epoch: number): WitnessCounts {
    const row = 2 * node + (epoch & 1);
    const known = epoch >= 0 && row < this.rows && this.col.epoch[row] === epoch + 1;
    return fromEach((column) => (known ? this.col[column][row]! : 0));
  }

  /** All trust nodes together. */
  total(epoch: number): WitnessCounts {
    const nodes = Array.from({ length: this.rows >>> 1 }, (_, node) => this.read(node, epoch));
    return fromEach((column) => nodes.reduce((sum, counts) => sum + counts[column], 0));
  }
}

function fromEach(value: (column: Column) => number): WitnessCounts {
  return Object.fromEntries(WITNESS_COUNTS.map((column) => [column, value(column)])) as WitnessCounts;
}
