import { writeU16, writeU32 } from '@iotw/kernel/bytes';
import { merkleRoot } from '@iotw/kernel/merkle';
import { sha256 } from '@iotw/kernel/sha256';
import { MAX_POOL_DEVICES } from './limits.js';
import type { ElectionMode } from './parameters.js';

/** One device of an epoch's frozen pool. */
export interface PoolDevice {
  /** Number on the ledger. */
  readonly device: number;
  readonly key: Uint8Array;
  /** Trust node that hosts it in this epoch. */
  readonly host: number;
  readonly maker: number;
  readonly region: number;
  /** Account number that is paid for it. */
  readonly owner: number;
  /** Integer weight in the draw, by the epoch's election mode; at least 1. */
  readonly weight: number;
}

/** The frozen pool and the seed of one epoch: all that an election needs (spec: clauses 6 and 7). */
export interface EpochSnapshot {
  readonly epoch: number;
  readonly mode: ElectionMode;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** Ascending by device number. */
  readonly devices: readonly PoolDevice[];
  /** Merkle root of the devices, see `poolRoot`. */
  readonly root: Uint8Array;
}

/** device u32, key 32, host u16, maker u16, region u8, owner u32, weight u32. */
export const POOL_DEVICE_BYTES = 49;

export function encodePoolDevice(d: PoolDevice): Uint8Array {
  const b = new Uint8Array(POOL_DEVICE_BYTES);
  writeU32(b, 0, d.device);
  b.set(d.key, 4);
  writeU16(b, 36, d.host);
  writeU16(b, 38, d.maker);
  b[40] = d.region;
  writeU32(b, 41, d.owner);
  writeU32(b, 45, d.weight);
  return b;
}

/** Leaf i is SHA-256 of device i's 49 bytes; limit 2^20, length mixed in. */
export function poolRoot(devices: readonly PoolDevice[]): Uint8Array {
  const leaves = new Uint8Array(32 * devices.length);
  for (let i = 0; i < devices.length; i++) leaves.set(sha256(encodePoolDevice(devices[i]!)), 32 * i);
  return merkleRoot(leaves, devices.length, MAX_POOL_DEVICES);
}
