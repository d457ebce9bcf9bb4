import type { Misbehaviour } from '@iotw/protocol/round';
import { F64, Table, U8, U16 } from './table.js';

const SCHEMA = {
  server: U16,
  kind: U8,
  height: F64,
  timeMs: F64,
  /** The round that took the act up. */
  round: F64,
  /** 1: the server lost its vote for it; 0: the network could not have gone on without. */
  suspended: U8,
};

/** Acts of ledger servers that the engine proved, in the order in which rounds took them up. */
export class Misbehaviours extends Table<typeof SCHEMA> {
  constructor() {
    super('misbehaviours', SCHEMA);
  }

  record({ server, kind, height, timeMs }: Misbehaviour, round: number, suspended: boolean): void {
    const row = this.append();
    this.set('server', row, server);
    this.set('kind', row, kind);
    this.set('height', row, height);
    this.set('timeMs', row, timeMs);
    this.set('round', row, round);
    this.set('suspended', row, suspended ? 1 : 0);
  }

  /** Those of one server, oldest first. */
  of(server: number): (Misbehaviour & { readonly round: number; readonly suspended: boolean })[] {
    const c = this.col;
    return Array.from({ length: this.rows }, (_, row) => row)
      .filter((row) => c.server[row] === server)
      .map((row) => ({
        server,
        kind: c.kind[row]!,
        height: c.height[row]!,
        timeMs: c.timeMs[row]!,
        round: c.round[row]!,
        suspended: c.suspended[row] === 1,
      }));
  }
}
