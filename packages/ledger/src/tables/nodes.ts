import { equalBytes } from '@iotw/kernel/bytes';
import { MAX_ADDRESS_BYTES } from '@iotw/protocol/limits';
import { bytes, F64, Table, U8, U16, U32 } from './table.js';

/**
 * Why a lane takes no blocks: nothing left to pay with; proven equivocation; a vote of the steering
 * committee; no witness in the running epoch. Bits of `suspended`.
 */
export const SUSPENDED = { unfunded: 1, equivocation: 2, vote: 4, unseated: 8 } as const;
export type LaneSuspension = keyof typeof SUSPENDED;
const SUSPENSIONS = Object.entries(SUSPENDED) as [LaneSuspension, number][];

const TRUST_SCHEMA = {
  key: bytes(32),
  linkKey: bytes(32),
  account: U32,
  region: U8,
  cloud: U8,
  /** Prepaid, pays for what its lane includes in vain; base units. */
  credit: F64,
  bond: F64,
  /** Bits of SUSPENDED. */
  suspended: U8,
  /** Witness votes in certificates included in this epoch. */
  votes: U32,
  /** Base units since genesis. */
  earned: F64,
  /** Where its devices log in; length 0: not told. */
  addressLength: U8,
  address: bytes(MAX_ADDRESS_BYTES),
};

export interface TrustNodeRecord {
  readonly index: number;
  readonly key: Uint8Array;
  readonly linkKey: Uint8Array;
  readonly account: number;
  readonly region: number;
  readonly cloud: number;
  readonly credit: number;
  readonly bond: number;
  readonly suspended: boolean;
  readonly votes: number;
  readonly earned: number;
}

/** Trust nodes by index, which is also their lane. */
export class TrustNodes extends Table<typeof TRUST_SCHEMA> {
  constructor() {
    super('trust-nodes', TRUST_SCHEMA);
  }

  key(index: number): Uint8Array {
    return this.bytes('key', index);
  }

  /** Current signing keys in the order of their indices. */
  keys(): Uint8Array[] {
    return Array.from({ length: this.rows }, (_, index) => this.key(index));
  }

  /** Where the devices of a trust node log in, ASCII; empty where it has not told. */
  address(index: number): Uint8Array {
    return this.bytes('address', index).slice(0, this.col.addressLength[index]!);
  }

  /** Why its lane takes no blocks; empty where it takes them. */
  suspensions(index: number): LaneSuspension[] {
    const bits = this.col.suspended[index]!;
    return SUSPENSIONS.flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]));
  }

  /** Those that may witness in epochs frozen from now on: neither voted out nor proven to equivocate. */
  trusted(): number[] {
    const out = SUSPENDED.vote | SUSPENDED.equivocation;
    const all = Array.from({ length: this.rows }, (_, index) => index);
    return all.filter((index) => (this.col.suspended[index]! & out) === 0);
  }

  /** Whether `account` belongs to an admitted trust node. */
  hasAccount(account: number): boolean {
    for (let i = 0; i < this.rows; i++) if (this.col.account[i] === account) return true;
    return false;
  }

  /** Credits and bonds together. */
  total(): number {
    let total = 0;
    for (let i = 0; i < this.rows; i++) total += this.col.credit[i]! + this.col.bond[i]!;
    return total;
  }

  read(index: number): TrustNodeRecord | undefined {
    if (index < 0 || index >= this.rows) return undefined;
    const c = this.col;
    return {
      index,
      key: this.key(index),
      linkKey: this.bytes('linkKey', index),
      account: c.account[index]!,
      region: c.region[index]!,
      cloud: c.cloud[index]!,
      credit: c.credit[index]!,
      bond: c.bond[index]!,
      suspended: c.suspended[index] !== 0,
      votes: c.votes[index]!,
      earned: c.earned[index]!,
    };
  }
}

/**
 * What a ledger server lacks, bits of `suspended`: its vote on rounds; its turn at seeds and its part in the shared key; any sign that
 * it is there since it was admitted.
 */
export const SERVER_OUT = { rounds: 1, seeds: 2, away: 4 } as const;
/** Later than any act: none of the server counts until it is reinstated. */
export const NO_MORE_ACTS = Number.MAX_SAFE_INTEGER;

const SERVER_SCHEMA = {
  key: bytes(32),
  vrfKey: bytes(32),
  linkKey: bytes(32),
  account: U32,
  region: U8,
  cloud: U8,
  /** Bits of SERVER_OUT: the first two by a vote, the first for an act that was proven. */
  suspended: U8,
  /** Acts that the engine proves count where they are later than this agreed time, ms. */
  actsAfterMs: F64,
};

export interface LedgerServerRecord {
  readonly index: number;
  readonly key: Uint8Array;
  readonly vrfKey: Uint8Array;
  readonly linkKey: Uint8Array;
  readonly account: number;
  readonly region: number;
  readonly cloud: number;
  /** Why it votes on no rounds; `away`: it was admitted and has taken part in nothing yet; undefined: it does. */
  readonly suspended: 'vote' | 'act' | 'away' | undefined;
}

export class LedgerServers extends Table<typeof SERVER_SCHEMA> {
  constructor() {
    super('ledger-servers', SERVER_SCHEMA);
  }

  key(index: number): Uint8Array {
    return this.bytes('key', index);
  }

  /** Current signing keys in the order of their indices. */
  keys(): Uint8Array[] {
    return Array.from({ length: this.rows }, (_, index) => this.key(index));
  }

  /** Those that take turns at seeds and hold shares of the common key, ascending. */
  serving(): number[] {
    return this.#without(() => SERVER_OUT.seeds);
  }

  /** Those that vote on rounds, ascending. The first `origin` of them need no sign that they are there. */
  voting(origin = 0): number[] {
    return this.#without((index) =>
      index < origin ? SERVER_OUT.rounds : SERVER_OUT.rounds | SERVER_OUT.away,
    );
  }

  /** It does its part of what the network needs: from now on its vote counts, where nothing else is against it. */
  tookPart(index: number): void {
    const flags = this.col.suspended[index]!;
    if ((flags & SERVER_OUT.away) !== 0) this.set('suspended', index, flags & ~SERVER_OUT.away);
  }

  #without(out: (index: number) => number): number[] {
    const all = Array.from({ length: this.rows }, (_, index) => index);
    return all.filter((index) => (this.col.suspended[index]! & out(index)) === 0);
  }

  #suspended(index: number): LedgerServerRecord['suspended'] {
    const flags = this.col.suspended[index]!;
    if (flags === 0) return undefined;
    if (flags === SERVER_OUT.away) return 'away';
    return this.col.actsAfterMs[index] === NO_MORE_ACTS ? 'act' : 'vote';
  }

  read(index: number): LedgerServerRecord | undefined {
    if (index < 0 || index >= this.rows) return undefined;
    return {
      index,
      key: this.bytes('key', index),
      vrfKey: this.bytes('vrfKey', index),
      linkKey: this.bytes('linkKey', index),
      account: this.col.account[index]!,
      region: this.col.region[index]!,
      cloud: this.col.cloud[index]!,
      suspended: this.#suspended(index),
    };
  }
}

const API_SCHEMA = {
  key: bytes(32),
  /** The ledger server beside which it runs. */
  server: U16,
  /** 1: voted out, it signs no assignments of epochs frozen from now on. */
  suspended: U8,
};

/** API servers that may sign assignments, by number. */
export class ApiServers extends Table<typeof API_SCHEMA> {
  constructor() {
    super('api-servers', API_SCHEMA);
  }

  admit(key: Uint8Array, server: number): number {
    const index = this.append();
    this.setBytes('key', index, key);
    this.set('server', index, server);
    return index;
  }

  read(
    index: number,
  ): { readonly key: Uint8Array; readonly server: number; readonly suspended: boolean } | undefined {
    if (index < 0 || index >= this.rows) return undefined;
    const { server, suspended } = this.col;
    return { key: this.bytes('key', index), server: server[index]!, suspended: suspended[index] !== 0 };
  }
}

const KEY_SCHEMA = {
  role: U8,
  index: U16,
  key: bytes(32),
  /** Round that brought it; 0 = genesis. */
  round: F64,
};

/**
 * Every signing and link key a node ever had: evidence stays good after a rotation, and no key serves
 * two nodes.
 */
export class NodeKeys extends Table<typeof KEY_SCHEMA> {
  constructor() {
    super('node-keys', KEY_SCHEMA);
  }

  record(role: number, index: number, key: Uint8Array, round: number): void {
    const row = this.append();
    this.set('role', row, role);
    this.set('index', row, index);
    this.setBytes('key', row, key);
    this.set('round', row, round);
  }

  has(key: Uint8Array): boolean {
    for (let row = 0; row < this.rows; row++) if (equalBytes(this.bytes('key', row), key)) return true;
    return false;
  }

  /** What one node signed with after round `round`: the keys it took last until then, the link key perhaps among them. */
  heldAt(role: number, index: number, round: number): Uint8Array[] {
    let newest = -1;
    let keys: Uint8Array[] = [];
    for (let row = 0; row < this.rows; row++) {
      if (this.col.role[row] !== role || this.col.index[row] !== index) continue;
      const taken = this.col.round[row]!;
      if (taken > round) break;
      if (taken > newest) keys = [];
      newest = taken;
      keys.push(this.bytes('key', row));
    }
    return keys;
  }

  /** Every key of one node, oldest first. */
  of(role: number, index: number): Uint8Array[] {
    const keys: Uint8Array[] = [];
    for (let row = 0; row < this.rows; row++) {
      if (this.col.role[row] === role && this.col.index[row] === index) keys.push(this.bytes('key', row));
    }
    return keys;
  }
}
