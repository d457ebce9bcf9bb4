import { F64, Table, U8, U32 } from './table.js';
import { WITNESS_COUNTS, type WitnessCounts } from './witnessing.js';

/** Ended epochs whose payments stay in the state; older ones come from the node's history. */
export const PAYMENT_EPOCHS = 16;

/** Bits of `flags`. */
export const PAYMENT_FLAG = { inPool: 1, present: 2, removed: 4 } as const;

const SCHEMA = {
  device: U32,
  flags: U8,
  mined: U32,
  witnessed: U32,
  unpaid: U32,
  missed: U32,
  /** Account that was paid; NO_ACCOUNT where nothing was. */
  account: U32,
  /** Base units for mining and for witnessing. */
  minerAmount: F64,
  witnessAmount: F64,
};

/** What one epoch paid and why, ascending by device. */
export class Payments extends Table<typeof SCHEMA> {
  constructor(slot: number) {
    super(`payments-${slot}`, SCHEMA);
  }

  /** Row of a device, or -1. */
  find(device: number): number {
    let low = 0;
    let high = this.rows - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const at = this.col.device[middle]!;
      if (at === device) return middle;
      if (at < device) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/** One column per count of Witnessing: of all trust nodes together. */
function countColumns(): { [C in keyof WitnessCounts]: typeof U32 } {
  return Object.fromEntries(WITNESS_COUNTS.map((name) => [name, U32])) as ReturnType<typeof countColumns>;
}

const SETTLEMENT_SCHEMA = {
  /** 1 + epoch; 0: slot unused. */
  epoch: U32,
  /** Devices of the frozen pool, and those of them that were present. */
  pool: U32,
  present: U32,
  /** Base units the epoch could pay, and paid. */
  issued: F64,
  paid: F64,
  /** Answers and votes that shared it. */
  minerWork: F64,
  witnessWork: F64,
  trustNodeWork: F64,
  ...countColumns(),
};

/** One row per kept epoch. */
export class Settlements extends Table<typeof SETTLEMENT_SCHEMA> {
  readonly payments: readonly Payments[];

  constructor() {
    super('settlements', SETTLEMENT_SCHEMA);
    this.payments = Array.from({ length: PAYMENT_EPOCHS }, (_, slot) => new Payments(slot));
    for (let slot = 0; slot < PAYMENT_EPOCHS; slot++) this.append();
  }

  /** Slot of an ended epoch that is kept, or -1. */
  slot(epoch: number): number {
    const slot = epoch % PAYMENT_EPOCHS;
    return epoch >= 0 && this.col.epoch[slot] === epoch + 1 ? slot : -1;
  }
}
