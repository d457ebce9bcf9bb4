import { equalBytes } from '@iotw/kernel/bytes';
import { MAX_COMMITTEE } from '@iotw/protocol/proposals';
import { bytes, Table, U8 } from './table.js';

const SCHEMA = {
  threshold: U8,
  count: U8,
  members: bytes(32 * MAX_COMMITTEE),
};

/** The steering committee; one row. */
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
}
