import { FIRST_VERSION } from '@iotw/protocol/versions';
import { F64, Table, U16, U32 } from './table.js';

const SCHEMA = {
  /** The protocol's version of the next round, and the first round of that version. */
  version: U16,
  since: F64,
  /** What the committee decided for later: version (0: nothing) and its first epoch. */
  next: U16,
  nextEpoch: U32,
};

/** Which version of the protocol rounds are of (spec: clause 15); one row. */
export class Upgrades extends Table<typeof SCHEMA> {
  constructor() {
    super('upgrades', SCHEMA);
  }

  /** The genesis' row. */
  begin(): void {
    this.append();
    this.set('version', 0, FIRST_VERSION);
    this.set('since', 0, 1);
  }

  get version(): number {
    return this.col.version[0]!;
  }

  /** First round of the running version. */
  get since(): number {
    return this.col.since[0]!;
  }

  /** What holds from the first round of that epoch on. */
  get pending(): { readonly version: number; readonly epoch: number } | undefined {
    const version = this.col.next[0]!;
    return version === 0 ? undefined : { version, epoch: this.col.nextEpoch[0]! };
  }

  /** `epoch` 0 with version 0: nothing is pending any more. */
  plan(version: number, epoch: number): void {
    this.set('next', 0, version);
    this.set('nextEpoch', 0, epoch);
  }

  /** At an edge: `epoch` begins with round `round`. */
  enter(epoch: number, round: number): void {
    const { pending } = this;
    if (pending === undefined || pending.epoch > epoch) return;
    this.set('version', 0, pending.version);
    this.set('since', 0, round);
    this.plan(0, 0);
  }
}
