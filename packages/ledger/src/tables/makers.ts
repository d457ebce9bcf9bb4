import { readU16, writeU16 } from '@iotw/kernel/bytes';
import { MAX_MAKER_HOSTS } from '@iotw/protocol/limits';
import { bytes, F64, Table, U8, U16, U32 } from './table.js';

const SCHEMA = {
  maker: U16,
  /** Offline root key. */
  key: bytes(32),
  /** Devices that its batches may hold together; 0 suspends the maker for good. */
  quota: U32,
  /** Sum of its batches' quotas, the revoked ones' included. */
  allotted: F64,
  /** Devices registered under all its batches. */
  used: U32,
  nameLength: U8,
  name: bytes(64),
  /** 1: voted out until a vote brings it back. */
  suspended: U8,
  /** Trust nodes that it wants for its devices, u16 each, and how often it has said so. */
  hostCount: U8,
  hosts: bytes(2 * MAX_MAKER_HOSTS),
  hostChanges: U32,
};

const BATCH_SCHEMA = {
  maker: U16,
  batch: U32,
  key: bytes(32),
  quota: U32,
  /** Devices registered. */
  used: U32,
  /** 1: its devices are people's (class user), as the first one was; 0: none is. */
  people: U8,
  /** First epoch in which its devices are active: opened in + activation delay. */
  activeFrom: U32,
  /** Round from which it is revoked; 0: not. */
  revokedFrom: F64,
};

/** Batches of all makers, in the order they were opened. */
export class Batches extends Table<typeof BATCH_SCHEMA> {
  readonly #rows = new Map<number, number>();

  constructor() {
    super('batches', BATCH_SCHEMA);
  }

  /** Row of a maker's batch, or -1. */
  find(maker: number, batch: number): number {
    return this.#rows.get(maker * 0x1_0000_0000 + batch) ?? -1;
  }

  open(maker: number, batch: number, key: Uint8Array, quota: number, activeFrom: number): number {
    const row = this.append();
    this.set('maker', row, maker);
    this.set('batch', row, batch);
    this.setBytes('key', row, key);
    this.set('quota', row, quota);
    this.set('activeFrom', row, activeFrom);
    this.#rows.set(maker * 0x1_0000_0000 + batch, row);
    return row;
  }

  /** Whether the batch is revoked for draws and operations of round `round`. */
  isRevoked(row: number, round: number): boolean {
    const from = this.col.revokedFrom[row]!;
    return from !== 0 && round >= from;
  }

  protected override dropped(row: number): void {
    this.#rows.delete(this.col.maker[row]! * 0x1_0000_0000 + this.col.batch[row]!);
  }

  protected override loaded(): void {
    this.#rows.clear();
    for (let row = 0; row < this.rows; row++) {
      this.#rows.set(this.col.maker[row]! * 0x1_0000_0000 + this.col.batch[row]!, row);
    }
  }
}

export interface MakerRecord {
  readonly maker: number;
  readonly key: Uint8Array;
  readonly quota: number;
  readonly allotted: number;
  readonly used: number;
  readonly name: Uint8Array;
}

/** Makers by the number the steering committee gave them. */
export class Makers extends Table<typeof SCHEMA> {
  readonly batches = new Batches();
  readonly #rows = new Map<number, number>();

  constructor() {
    super('makers', SCHEMA);
  }

  /** Row of a maker's number, or -1. */
  find(maker: number): number {
    return this.#rows.get(maker) ?? -1;
  }

  admit(maker: number, key: Uint8Array, quota: number, name: Uint8Array): number {
    const row = this.append();
    this.set('maker', row, maker);
    this.setBytes('key', row, key);
    this.set('quota', row, quota);
    this.set('nameLength', row, name.length);
    this.setBytes('name', row, name);
    this.#rows.set(maker, row);
    return row;
  }

  /** Whether it may open no batches, register no devices and bring none into a pool. */
  isSuspended(row: number): boolean {
    return this.col.suspended[row] === 1;
  }

  /** Trust nodes that it wants for its devices, as it named them. */
  hosts(row: number): number[] {
    const packed = this.bytes('hosts', row);
    return Array.from({ length: this.col.hostCount[row]! }, (_, i) => readU16(packed, 2 * i));
  }

  setHosts(row: number, hosts: readonly number[]): void {
    const packed = new Uint8Array(2 * MAX_MAKER_HOSTS);
    hosts.forEach((host, i) => {
      writeU16(packed, 2 * i, host);
    });
    this.set('hostCount', row, hosts.length);
    this.setBytes('hosts', row, packed);
    this.add('hostChanges', row, 1);
  }

  /** The maker of a row as a plain object. */
  read(row: number): MakerRecord | undefined {
    if (row < 0 || row >= this.rows) return undefined;
    return {
      maker: this.col.maker[row]!,
      key: this.bytes('key', row),
      quota: this.col.quota[row]!,
      allotted: this.col.allotted[row]!,
      used: this.col.used[row]!,
      name: this.bytes('name', row).subarray(0, this.col.nameLength[row]!),
    };
  }

  protected override dropped(row: number): void {
    this.#rows.delete(this.col.maker[row]!);
  }

  protected override loaded(): void {
    this.#rows.clear();
    for (let row = 0; row < this.rows; row++) this.#rows.set(this.col.maker[row]!, row);
  }
}
