import { devicesWithTickets, ticketBitsAsked } from '@iotw/assignment/tickets';
import { assert } from '@iotw/kernel/assert';
import { concatBytes, readU16 } from '@iotw/kernel/bytes';
import { MAX_ASSIGNERS, MAX_TRUST_NODES } from '@iotw/protocol/limits';
import { ELECTION_MODE, type ElectionMode, type Parameters, ParametersType } from '@iotw/protocol/parameters';
import {
  decodeEpochAssigners,
  EPOCH_ASSIGNER_BYTES,
  EPOCH_TRUST_NODE_BYTES,
  type EpochAssigner,
  type EpochSnapshot,
  type EpochTrustNode,
  encodeEpochAssigner,
  encodeEpochTrustNode,
  type PoolDevice,
  poolRoot,
} from '@iotw/protocol/pool';
import { SEED_KEY_BYTES, type SeedOrigin } from '@iotw/protocol/seed-origin';
import { bytes, F64, Table, U8, U16, U32 } from './table.js';

/** Epochs between the one whose presence makes a pool and the one that the pool serves (spec: 6.2). */
export const POOL_LEAD = 3;

/** Epochs kept at once: at an edge the ended one, the one before, the one that begins and the frozen ones ahead. */
export const EPOCH_SLOTS = POOL_LEAD + 2;

const PARAMETERS_BYTES = ParametersType.fixedSize!;

const SCHEMA = {
  /** 1 + epoch; 0: slot unused. */
  epoch: U32,
  mode: U8,
  /** Zeros until the epoch begins. */
  seed: bytes(32),
  seeded: U8,
  /** What made the seed (SEED_ORIGIN), and the key to check it by. */
  seedSource: U8,
  seedKey: bytes(SEED_KEY_BYTES),
  root: bytes(32),
  /** 1: tickets restricted the pool it opened with (mode vrf), whose root is openRoot; 0: it draws from the whole. */
  restricted: U8,
  openRoot: bytes(32),
  /** Agreed time and round of its beginning. */
  startMs: F64,
  round: F64,
  /** Trust nodes that confirmed root and seed, a bit each. */
  votesLow: U32,
  votesHigh: U32,
  /** The epoch's parameters, serialised. */
  parameters: bytes(PARAMETERS_BYTES),
  /** Trust nodes that witness in it: how many, then number and key of each. */
  trustNodeCount: U8,
  trustNodes: bytes(EPOCH_TRUST_NODE_BYTES * MAX_TRUST_NODES),
  /** Who may sign assignments: how many, then the records. */
  assignerCount: U8,
  assigners: bytes(EPOCH_ASSIGNER_BYTES * MAX_ASSIGNERS),
};

const POOL_SCHEMA = {
  device: U32,
  key: bytes(32),
  host: U16,
  maker: U16,
  region: U8,
  owner: U32,
  weight: U32,
  deviceClass: U8,
  /** Winning tickets it held when its epoch began, where they restricted the pool. */
  tickets: U32,
};

/** The frozen pool of one epoch. */
export class Pool extends Table<typeof POOL_SCHEMA> {
  fill(devices: readonly PoolDevice[]): void {
    this.clear();
    this.reserve(devices.length);
    for (const d of devices) {
      const row = this.append();
      this.col.key.set(d.key, 32 * row);
      this.col.device[row] = d.device;
      this.col.host[row] = d.host;
      this.col.maker[row] = d.maker;
      this.col.region[row] = d.region;
      this.col.owner[row] = d.owner;
      this.col.weight[row] = d.weight;
      this.col.deviceClass[row] = d.deviceClass;
    }
  }

  /** Keeps the tickets that restrict the pool. */
  keepTickets(ticketsOf: (device: number) => number): void {
    for (let row = 0; row < this.rows; row++) {
      const tickets = ticketsOf(this.col.device[row]!);
      if (tickets !== 0) this.set('tickets', row, tickets);
    }
  }

  /** Tickets by device number, of those that hold any. */
  tickets(): Map<number, number> {
    const held = new Map<number, number>();
    for (let row = 0; row < this.rows; row++) {
      if (this.col.tickets[row] !== 0) held.set(this.col.device[row]!, this.col.tickets[row]!);
    }
    return held;
  }

  devices(): PoolDevice[] {
    const c = this.col;
    return Array.from({ length: this.rows }, (_, row) => ({
      device: c.device[row]!,
      key: this.bytes('key', row),
      host: c.host[row]!,
      maker: c.maker[row]!,
      region: c.region[row]!,
      owner: c.owner[row]!,
      weight: c.weight[row]!,
      deviceClass: c.deviceClass[row]!,
    }));
  }
}

/** A pool that is frozen while its seed is not known yet. */
export type FrozenPool = Omit<EpochSnapshot, 'seed'>;

const MODE_NAMES = new Map<number, ElectionMode>(
  Object.entries(ELECTION_MODE).map(([name, n]) => [n, name as ElectionMode]),
);

/** Seeds and frozen pools of the epochs that blocks may still name, and of the next ones. */
export class Epochs extends Table<typeof SCHEMA> {
  readonly pools: readonly Pool[];
  /** Number of the running epoch. */
  #current = 0;
  /** Snapshots keep their identity: draws prepare a pool once per object. */
  readonly #frozen = new Map<number, FrozenPool>();
  readonly #snapshots = new Map<number, EpochSnapshot>();

  constructor() {
    super('epochs', SCHEMA);
    this.pools = Array.from({ length: EPOCH_SLOTS }, (_, i) => new Pool(`pool-${i}`, POOL_SCHEMA));
    for (let i = 0; i < EPOCH_SLOTS; i++) this.append();
  }

  /** Number of the running epoch. */
  get current(): number {
    return this.#current;
  }

  /** Agreed time at which the running epoch began, ms. */
  get startMs(): number {
    return this.col.startMs[this.#current % EPOCH_SLOTS]!;
  }

  /** Seed of the running epoch, 32 bytes. */
  get seed(): Uint8Array {
    return this.bytes('seed', this.#current % EPOCH_SLOTS);
  }

  /** What made the running epoch's seed. */
  get origin(): SeedOrigin {
    const slot = this.#current % EPOCH_SLOTS;
    return { seedSource: this.col.seedSource[slot]!, seedKey: this.bytes('seedKey', slot).slice() };
  }

  /** Parameters of the running epoch. */
  get parameters(): Parameters {
    return this.snapshot(this.#current)!.parameters;
  }

  /** Whether the epoch's slot still holds it. */
  #holds(epoch: number): boolean {
    return epoch >= 0 && this.col.epoch[epoch % EPOCH_SLOTS] === epoch + 1;
  }

  /** Keeps the pool of an epoch that has no seed yet. */
  freeze(pool: FrozenPool): void {
    const slot = pool.epoch % EPOCH_SLOTS;
    const old = this.col.epoch[slot]! - 1;
    this.#frozen.delete(old);
    this.#snapshots.delete(old);
    this.set('epoch', slot, pool.epoch + 1);
    this.set('mode', slot, ELECTION_MODE[pool.mode]);
    this.setBytes('seed', slot, new Uint8Array(32));
    this.set('seeded', slot, 0);
    this.set('seedSource', slot, 0);
    this.setBytes('seedKey', slot, new Uint8Array(SEED_KEY_BYTES));
    this.setBytes('root', slot, pool.root);
    this.set('restricted', slot, 0);
    this.setBytes('openRoot', slot, new Uint8Array(32));
    this.set('votesLow', slot, 0);
    this.set('votesHigh', slot, 0);
    this.setBytes('parameters', slot, ParametersType.serialize(pool.parameters));
    this.set('trustNodeCount', slot, pool.trustNodes.length);
    this.setBytes('trustNodes', slot, concatBytes(...pool.trustNodes.map(encodeEpochTrustNode)));
    this.set('assignerCount', slot, pool.assigners.length);
    this.setBytes('assigners', slot, concatBytes(...pool.assigners.map(encodeEpochAssigner)));
    this.pools[slot]!.fill(pool.devices);
    this.#frozen.set(pool.epoch, pool);
  }

  /**
   * Begins an epoch whose pool is frozen. In mode vrf it is drawn from the devices that `ticketsOf` says
   * hold winning tickets, if they are enough.
   */
  open(
    epoch: number,
    seed: Uint8Array,
    origin: SeedOrigin,
    startMs: number,
    round: number,
    ticketsOf: (device: number) => number,
  ): EpochSnapshot {
    const pool = this.frozen(epoch);
    assert(pool !== undefined, 'an epoch begins with a frozen pool');
    const slot = epoch % EPOCH_SLOTS;
    this.setBytes('seed', slot, seed);
    this.set('seeded', slot, 1);
    this.set('seedSource', slot, origin.seedSource);
    this.setBytes('seedKey', slot, origin.seedKey);
    this.set('startMs', slot, startMs);
    this.set('round', slot, round);
    this.#current = epoch;
    const winners = pool.mode === 'vrf' ? devicesWithTickets(pool, ticketsOf) : undefined;
    if (winners !== undefined) {
      this.set('restricted', slot, 1);
      this.setBytes('openRoot', slot, poolRoot({ ...pool, devices: winners }));
      this.pools[slot]!.keepTickets(ticketsOf);
    }
    const snapshot = this.#snapshotOf(pool, slot, winners);
    this.#snapshots.set(epoch, snapshot);
    return snapshot;
  }

  #snapshotOf(pool: FrozenPool, slot: number, winners: readonly PoolDevice[] | undefined): EpochSnapshot {
    const next = this.#frozen.get(pool.epoch + 1);
    const ticketBits = next === undefined ? undefined : ticketBitsAsked(next);
    return {
      ...pool,
      ...(winners === undefined ? {} : { devices: winners, root: this.bytes('openRoot', slot) }),
      seed: this.bytes('seed', slot),
      ...(ticketBits === undefined ? {} : { ticketBits }),
    };
  }

  /** Whether the epoch, of mode vrf, began with too few tickets and draws from its whole frozen pool. */
  fellBack(epoch: number): boolean {
    return this.#snapshots.get(epoch)?.mode === 'vrf' && this.col.restricted[epoch % EPOCH_SLOTS] === 0;
  }

  /** The frozen pool of an epoch that is kept, with or without its seed. */
  frozen(epoch: number): FrozenPool | undefined {
    return this.#frozen.get(epoch);
  }

  /** Pool and seed of an epoch that has begun and is kept: the running one and up to two before it. */
  snapshot(epoch: number): EpochSnapshot | undefined {
    return this.#snapshots.get(epoch);
  }

  /** Counts a trust node's vote for an epoch's root and seed. */
  vote(epoch: number, witness: number): void {
    const slot = epoch % EPOCH_SLOTS;
    const column = votesColumn(witness);
    this.set(column, slot, (this.col[column][slot]! | (1 << (witness & 31))) >>> 0);
  }

  /** Whether a trust node's vote for an epoch that is kept was counted. */
  hasVoted(epoch: number, witness: number): boolean {
    const votes = this.col[votesColumn(witness)][epoch % EPOCH_SLOTS]!;
    return this.#holds(epoch) && ((votes >>> (witness & 31)) & 1) === 1;
  }

  /** How many trust nodes confirmed root and seed of an epoch that is kept. */
  votes(epoch: number): number {
    if (!this.#holds(epoch)) return 0;
    const slot = epoch % EPOCH_SLOTS;
    return ones(this.col.votesLow[slot]!) + ones(this.col.votesHigh[slot]!);
  }

  #trustNodes(slot: number): EpochTrustNode[] {
    const packed = this.bytes('trustNodes', slot);
    return Array.from({ length: this.col.trustNodeCount[slot]! }, (_, i) => {
      const at = EPOCH_TRUST_NODE_BYTES * i;
      return { index: readU16(packed, at), key: packed.slice(at + 2, at + EPOCH_TRUST_NODE_BYTES) };
    });
  }

  #assigners(slot: number): EpochAssigner[] {
    const bytes = EPOCH_ASSIGNER_BYTES * this.col.assignerCount[slot]!;
    return decodeEpochAssigners(this.bytes('assigners', slot).subarray(0, bytes));
  }

  protected override loaded(): void {
    this.#frozen.clear();
    this.#snapshots.clear();
    this.#current = 0;
    for (let slot = 0; slot < EPOCH_SLOTS; slot++) {
      const epoch = this.col.epoch[slot]! - 1;
      const mode = MODE_NAMES.get(this.col.mode[slot]!);
      if (epoch < 0 || mode === undefined) continue;
      const pool = {
        epoch,
        mode,
        devices: this.pools[slot]!.devices(),
        parameters: ParametersType.deserialize(this.bytes('parameters', slot)),
        trustNodes: this.#trustNodes(slot),
        assigners: this.#assigners(slot),
        root: this.bytes('root', slot),
      };
      this.#frozen.set(epoch, pool);
    }
    for (const [epoch, pool] of this.#frozen) {
      const slot = epoch % EPOCH_SLOTS;
      if (this.col.seeded[slot] !== 1) continue;
      const held = this.pools[slot]!.tickets();
      const restricted = this.col.restricted[slot] === 1;
      const winners = restricted ? devicesWithTickets(pool, (device) => held.get(device) ?? 0) : undefined;
      this.#snapshots.set(epoch, this.#snapshotOf(pool, slot, winners));
      this.#current = Math.max(this.#current, epoch);
    }
  }
}

function votesColumn(witness: number): 'votesLow' | 'votesHigh' {
  return witness < 32 ? 'votesLow' : 'votesHigh';
}

function ones(word: number): number {
  let n = 0;
  for (let w = word; w !== 0; w &= w - 1) n++;
  return n;
}
