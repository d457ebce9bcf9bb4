import { MAX_TRUST_NODES } from '@iotw/protocol/limits';
import { bytes, type Column, F64, Table, U32 } from './table.js';

const BY_HOST: Column<Uint32Array> = { make: (n) => new Uint32Array(n), width: MAX_TRUST_NODES };

const SCHEMA = {
  incarnation: U32,
  /** The cursor: height and hash of the last applied block (0 and zeros before the first). */
  height: F64,
  hash: bytes(32),
  /** Round of the last applied block or reset. */
  progressRound: F64,
  /** Applied in this epoch; of them without any device (certificate mode allMissed). */
  blocks: U32,
  unmined: U32,
  /** Soft misses of each host that its answers have not paid off, in ten-thousandths of one (spec: clause 8.15). */
  softDebts: BY_HOST,
};

export interface LaneRecord {
  readonly lane: number;
  readonly incarnation: number;
  readonly height: number;
  readonly hash: Uint8Array;
  readonly progressRound: number;
  readonly blocks: number;
  readonly unmined: number;
}

/** Lanes by number, one per trust node: where each stands. */
export class Lanes extends Table<typeof SCHEMA> {
  constructor() {
    super('lanes', SCHEMA);
  }

  /** What each host owes of its soft misses on a lane: the cells themselves, by host. */
  softDebts(lane: number): Uint32Array {
    return this.col.softDebts.subarray(MAX_TRUST_NODES * lane, MAX_TRUST_NODES * (lane + 1));
  }

  /** The same as a list without the zeros at its end. */
  softDebtList(lane: number): number[] {
    const debts = [...this.softDebts(lane)];
    return debts.slice(0, debts.findLastIndex((debt) => debt !== 0) + 1);
  }

  read(lane: number): LaneRecord | undefined {
    if (lane < 0 || lane >= this.rows) return undefined;
    const c = this.col;
    return {
      lane,
      incarnation: c.incarnation[lane]!,
      height: c.height[lane]!,
      hash: this.bytes('hash', lane),
      progressRound: c.progressRound[lane]!,
      blocks: c.blocks[lane]!,
      unmined: c.unmined[lane]!,
    };
  }
}
