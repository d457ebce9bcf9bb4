import { concatBytes, joinBytes, readU16, readU32, writeU16, writeU32 } from '@iotw/kernel/bytes';
import { merkleRoot } from '@iotw/kernel/merkle';
import { sha256 } from '@iotw/kernel/sha256';
import { MAX_ASSIGNERS, MAX_POOL_DEVICES, MAX_TRUST_NODES } from './limits.js';
import { type ElectionMode, type Parameters, ParametersType } from './parameters.js';

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
  /** DEVICE_CLASS. */
  readonly deviceClass: number;
}

/** A trust node that witnesses in an epoch. */
export interface EpochTrustNode {
  /** Number on the ledger, and of its lane. */
  readonly index: number;
  /** Its signing key when the pool was frozen; a rotation since then counts at once. */
  readonly key: Uint8Array;
}

/** A node that signs assignments of an epoch's blocks, by the epoch's parameter `assigner`. */
export interface EpochAssigner {
  /** Number among ledger servers or API servers. */
  readonly index: number;
  /** Where it is reached: the ledger server that it is, or beside which it runs. */
  readonly server: number;
  /** Its signing key when the pool was frozen. */
  readonly key: Uint8Array;
}

/** What is frozen for an epoch, and what its root covers (spec: clause 6). */
export interface PoolContents {
  /** Ascending by device number. */
  readonly devices: readonly PoolDevice[];
  /** The parameters of the epoch. */
  readonly parameters: Parameters;
  /** Trust nodes whose votes count in the epoch's certificates, ascending by number. */
  readonly trustNodes: readonly EpochTrustNode[];
  /** Who may sign assignments, ascending by number; empty where each lane's trust node does. */
  readonly assigners: readonly EpochAssigner[];
}

/** The frozen pool and the seed of one epoch: all that an election needs (spec: clauses 6 and 7). */
export interface EpochSnapshot extends PoolContents {
  readonly epoch: number;
  readonly mode: ElectionMode;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** See `poolRoot`. */
  readonly root: Uint8Array;
  /** The next epoch's pool asks for tickets over this seed: low bits of their output that must be zero; absent: none asked. */
  readonly ticketBits?: number;
}

/** The device's entry in a frozen pool; undefined where it is not in it. */
export function poolEntry(
  { devices }: Pick<PoolContents, 'devices'>,
  device: number,
): PoolDevice | undefined {
  let low = 0;
  let high = devices.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const entry = devices[middle]!;
    if (entry.device === device) return entry;
    if (entry.device < device) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

/** device u32, key 32, host u16, maker u16, region u8, owner u32, weight u32, class u8. */
export const POOL_DEVICE_BYTES = 50;

export function encodePoolDevice(d: PoolDevice): Uint8Array {
  const b = new Uint8Array(POOL_DEVICE_BYTES);
  writeU32(b, 0, d.device);
  b.set(d.key, 4);
  writeU16(b, 36, d.host);
  writeU16(b, 38, d.maker);
  b[40] = d.region;
  writeU32(b, 41, d.owner);
  writeU32(b, 45, d.weight);
  b[49] = d.deviceClass;
  return b;
}

/** index u16, key 32. */
export const EPOCH_TRUST_NODE_BYTES = 34;

export function encodeEpochTrustNode({ index, key }: EpochTrustNode): Uint8Array {
  const b = new Uint8Array(EPOCH_TRUST_NODE_BYTES);
  writeU16(b, 0, index);
  b.set(key, 2);
  return b;
}

/** index u16, server u16, key 32. */
export const EPOCH_ASSIGNER_BYTES = 36;

export function encodeEpochAssigner({ index, server, key }: EpochAssigner): Uint8Array {
  const b = new Uint8Array(EPOCH_ASSIGNER_BYTES);
  writeU16(b, 0, index);
  writeU16(b, 2, server);
  b.set(key, 4);
  return b;
}

/** Assigners from their 36-byte records one after another. */
export function decodeEpochAssigners(b: Uint8Array): EpochAssigner[] {
  return Array.from({ length: b.length / EPOCH_ASSIGNER_BYTES }, (_, i) => {
    const at = EPOCH_ASSIGNER_BYTES * i;
    return {
      index: readU16(b, at),
      server: readU16(b, at + 2),
      key: b.slice(at + 4, at + EPOCH_ASSIGNER_BYTES),
    };
  });
}

/**
 * SHA-256 over four hashes: the root of the devices (leaf i is SHA-256 of device i's 50 bytes; limit 2^20),
 * the root of the trust nodes (SHA-256 of 34 bytes each; limit 64), SHA-256 of the parameters' encoding, the
 * root of the assigners (SHA-256 of 36 bytes each; limit 64).
 */
export function poolRoot({ devices, parameters, trustNodes, assigners }: PoolContents): Uint8Array {
  return sha256(
    concatBytes(
      listRoot(devices.map(encodePoolDevice), MAX_POOL_DEVICES),
      listRoot(trustNodes.map(encodeEpochTrustNode), MAX_TRUST_NODES),
      sha256(ParametersType.serialize(parameters)),
      listRoot(assigners.map(encodeEpochAssigner), MAX_ASSIGNERS),
    ),
  );
}

function listRoot(encoded: readonly Uint8Array[], limit: number): Uint8Array {
  const leaves = new Uint8Array(32 * encoded.length);
  for (let i = 0; i < encoded.length; i++) leaves.set(sha256(encoded[i]!), 32 * i);
  return merkleRoot(leaves, encoded.length, limit);
}

/** The devices one after another, as they stand under the pool root. */
export function encodePoolDevices(devices: readonly PoolDevice[]): Uint8Array {
  return joinBytes(devices.map(encodePoolDevice));
}

/** One device from its 50-byte record at `at`. */
export function decodePoolDevice(bytes: Uint8Array, at: number): PoolDevice {
  return {
    device: readU32(bytes, at),
    key: bytes.slice(at + 4, at + 36),
    host: readU16(bytes, at + 36),
    maker: readU16(bytes, at + 38),
    region: bytes[at + 40]!,
    owner: readU32(bytes, at + 41),
    weight: readU32(bytes, at + 45),
    deviceClass: bytes[at + 49]!,
  };
}

/** Devices from their 50-byte records; undefined where the length does not fit. */
export function decodePoolDevices(bytes: Uint8Array): PoolDevice[] | undefined {
  if (bytes.length % POOL_DEVICE_BYTES !== 0) return undefined;
  const devices: PoolDevice[] = [];
  for (let at = 0; at < bytes.length; at += POOL_DEVICE_BYTES) devices.push(decodePoolDevice(bytes, at));
  return devices;
}
