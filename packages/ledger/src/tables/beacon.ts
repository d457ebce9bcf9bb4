import { COMMITMENT_BYTES } from '@iotw/assignment/shared-key';
import { SEALED_SHARE_BYTES } from '@iotw/protocol/beacon';
import { MAX_LEDGER_SERVERS } from '@iotw/protocol/limits';
import { bytes, F64, Table, U8, U32 } from './table.js';

/** Where a key ceremony stands (spec: 6.7). */
export const BEACON_PHASE = { idle: 0, join: 1, deal: 2, check: 3, justify: 4 } as const;
export type BeaconPhase = keyof typeof BEACON_PHASE;

const PHASE_NAMES = Object.keys(BEACON_PHASE) as BeaconPhase[];

const SCHEMA = {
  phase: U8,
  /** Number of the running or last ceremony; 0: there was none. */
  ceremony: U32,
  /** Agreed time at which its phase began, or at which the last ceremony ended. */
  phaseMs: F64,
  /** Its threshold, fixed when dealing begins; 1: it makes a new key, 0: it keeps the old one. */
  threshold: U8,
  fresh: U8,
  /** Ceremony that made the shares in use, their threshold (0: there is no key yet), commitments. */
  generation: U32,
  groupThreshold: U8,
  group: bytes(COMMITMENT_BYTES * MAX_LEDGER_SERVERS),
  /** Dealers whose polynomials make up the shares in use, a bit each. */
  qualified: bytes(MAX_LEDGER_SERVERS / 8),
  /** 1 + place among the public beacons of the value that a vote named; 0: none; its round; for which epoch. */
  emergencyBeacon: U8,
  emergencyRound: F64,
  emergencyEpoch: U32,
  /** Its value as somebody brought it, with its length. */
  emergencyValue: bytes(192),
  emergencyLength: U8,
  /** 1: a vote turned to a public beacon since the key was made: the next ceremony makes another. */
  lost: U8,
};

const MEMBER_SCHEMA = {
  /** Last ceremony the server joined, with its key for it. */
  joined: U32,
  joinKey: bytes(32),
  /** Last ceremony it dealt in, with what it dealt. */
  dealt: U32,
  commitments: bytes(COMMITMENT_BYTES * MAX_LEDGER_SERVERS),
  /** Sealed shares at the place of the server they are for. */
  boxes: bytes(SEALED_SHARE_BYTES * MAX_LEDGER_SERVERS),
  /** Last ceremony it checked, and whom it accuses there, a bit each. */
  checked: U32,
  accused: bytes(MAX_LEDGER_SERVERS / 8),
  /** Last ceremony it justified itself in, whose accusations it met, and the shares it opened. */
  justified: U32,
  met: bytes(MAX_LEDGER_SERVERS / 8),
  opened: bytes(32 * MAX_LEDGER_SERVERS),
  /** Ceremony whose shares it holds one of. */
  holds: U32,
};

/** What each ledger server did in key ceremonies; a row for each, in their order. */
export class BeaconMembers extends Table<typeof MEMBER_SCHEMA> {
  constructor() {
    super('beacon-members', MEMBER_SCHEMA);
  }

  has(column: 'accused' | 'met', row: number, server: number): boolean {
    return bit(this.col[column], (MAX_LEDGER_SERVERS / 8) * row, server);
  }

  /** What `server` dealt: its commitments. */
  commitments(server: number, threshold: number): Uint8Array {
    return this.bytes('commitments', server).subarray(0, COMMITMENT_BYTES * threshold);
  }

  /** The sealed share that `dealer` made for `member`. */
  box(dealer: number, member: number): Uint8Array {
    const at = SEALED_SHARE_BYTES * member;
    return this.bytes('boxes', dealer).subarray(at, at + SEALED_SHARE_BYTES);
  }

  /** The share for `member` that `dealer` opened to meet an accusation. */
  opened(dealer: number, member: number): Uint8Array {
    return this.bytes('opened', dealer).subarray(32 * member, 32 * member + 32);
  }
}

/** The servers' shared key and the ceremony that makes or renews it; one row. */
export class Beacon extends Table<typeof SCHEMA> {
  readonly members = new BeaconMembers();

  constructor() {
    super('beacon', SCHEMA);
    this.append();
  }

  get phase(): BeaconPhase {
    return PHASE_NAMES[this.col.phase[0]!]!;
  }

  get ceremony(): number {
    return this.col.ceremony[0]!;
  }

  /** Whether the committee gave the key in use up: a vote turned to a public beacon since it was made. */
  get lost(): boolean {
    return this.col.lost[0] === 1;
  }

  /** Number of the ceremony that made the shares in use; 0: there is no key. */
  get generation(): number {
    return this.col.generation[0]!;
  }

  /** Shares that sign together; 0: there is no key. */
  get groupThreshold(): number {
    return this.col.groupThreshold[0]!;
  }

  /** Commitments to the shared key's polynomial. */
  get group(): Uint8Array {
    return this.bytes('group', 0).subarray(0, COMMITMENT_BYTES * this.groupThreshold);
  }

  /** The shared public key, 48 bytes; `undefined` before the first ceremony has ended. */
  get groupKey(): Uint8Array | undefined {
    return this.groupThreshold === 0 ? undefined : this.bytes('group', 0).slice(0, COMMITMENT_BYTES);
  }

  /** Servers that hold a share of the key in use, ascending. */
  holders(): number[] {
    return this.#rows((_, row) => this.holds(row));
  }

  /** Members of the running ceremony. */
  joined(): number[] {
    return this.#rows((c, row) => c.joined[row] === this.ceremony);
  }

  /** Members that must deal in the running ceremony: all for a new key, else those that hold a share. */
  dealers(): number[] {
    const joined = this.joined();
    return this.col.fresh[0] === 1 ? joined : joined.filter((server) => this.holds(server));
  }

  /** Whether the server holds a share of the key in use. */
  holds(server: number): boolean {
    return this.groupThreshold > 0 && this.members.col.holds[server] === this.generation;
  }

  dealt(): number[] {
    return this.#rows((c, row) => c.dealt[row] === this.ceremony);
  }

  checked(): number[] {
    return this.#rows((c, row) => c.checked[row] === this.ceremony);
  }

  /** Members that accuse `dealer` in the running ceremony. */
  accusersOf(dealer: number): number[] {
    return this.checked().filter((member) => this.members.has('accused', member, dealer));
  }

  /** Accusations against `dealer` that it has not met. */
  unmet(dealer: number): number[] {
    const justified = this.members.col.justified[dealer] === this.ceremony;
    return this.accusersOf(dealer).filter((by) => !justified || !this.members.has('met', dealer, by));
  }

  /** Dealers whose polynomials make up the shares in use. */
  qualified(): number[] {
    return this.#rows((_, row) => bit(this.col.qualified, 0, row));
  }

  /** The epoch that opens with a public beacon's value, its place among the public beacons, its round. */
  get emergency(): { readonly epoch: number; readonly beacon: number; readonly round: number } | undefined {
    const place = this.col.emergencyBeacon[0]!;
    if (place === 0) return undefined;
    return {
      epoch: this.col.emergencyEpoch[0]!,
      beacon: place - 1,
      round: this.col.emergencyRound[0]!,
    };
  }

  /** The value itself, once somebody has brought it. */
  get emergencyValue(): Uint8Array | undefined {
    const length = this.col.emergencyLength[0]!;
    return length === 0 ? undefined : this.bytes('emergencyValue', 0).subarray(0, length);
  }

  #rows(fits: (columns: BeaconMembers['col'], row: number) => boolean): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.members.rows; row++) if (fits(this.members.col, row)) rows.push(row);
    return rows;
  }
}

/** A bit list of MAX_LEDGER_SERVERS from server numbers. */
export function bitsOf(servers: readonly number[]): Uint8Array {
  const bits = new Uint8Array(MAX_LEDGER_SERVERS / 8);
  for (const server of servers) bits[server >>> 3]! |= 1 << (server & 7);
  return bits;
}

function bit(bits: Uint8Array, from: number, server: number): boolean {
  return ((bits[from + (server >>> 3)]! >>> (server & 7)) & 1) === 1;
}
