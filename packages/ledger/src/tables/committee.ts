import { equalBytes } from '@iotw/kernel/bytes';
import { MAX_COMMITTEE } from '@iotw/protocol/proposals';
import { bytes, F64, Table, U8, U32 } from './table.js';

const SCHEMA = {
  threshold: U8,
  count: U8,
  members: bytes(32 * MAX_COMMITTEE),
  /** 1 + the epoch whose seed comes from a named public beacon; 0: none was named. */
  beaconEpoch: U32,
  beaconChain: bytes(32),
  beaconRound: F64,
};

/** A round of a public beacon that the committee named for an epoch's seed. */
export interface NamedBeacon {
  readonly epoch: number;
  /** Hash of the beacon's chain, 32 bytes. */
  readonly chain: Uint8Array;
  readonly round: number;
}

/** The steering committee and the public beacon it named last; one row. */
export class Committee extends Table<typeof SCHEMA> {
  constructor() {
    super('committee', SCHEMA);
  }

  /** Yes votes that adopt a proposal. A committee without members adopts none. */
  get threshold(): number {
    return Math.max(1, this.col.threshold[0]!);
  }

  get size(): number {
    return this.col.count[0]!;
  }

  /** Keys of the members' accounts. */
  members(): Uint8Array[] {
    return Array.from({ length: this.size }, (_, i) => this.col.members.slice(32 * i, 32 * i + 32));
  }

  has(key: Uint8Array): boolean {
    return this.members().some((member) => equalBytes(member, key));
  }

  change(threshold: number, members: readonly Uint8Array[]): void {
    const packed = new Uint8Array(32 * members.length);
    for (const [i, member] of members.entries()) packed.set(member, 32 * i);
    this.set('threshold', 0, threshold);
    this.set('count', 0, members.length);
    this.setBytes('members', 0, packed);
  }

  /** The beacon round that was named for `epoch`. */
  beaconFor(epoch: number): NamedBeacon | undefined {
    if (this.col.beaconEpoch[0] !== epoch + 1) return undefined;
    return { epoch, chain: this.bytes('beaconChain', 0), round: this.col.beaconRound[0]! };
  }

  nameBeacon({ epoch, chain, round }: NamedBeacon): void {
    this.set('beaconEpoch', 0, epoch + 1);
    this.setBytes('beaconChain', 0, chain);
    this.set('beaconRound', 0, round);
  }
}
