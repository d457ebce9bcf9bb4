import { bytes, F64, Table, U32 } from './table.js';

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
