import { concatBytes, readU16, readU32, writeU32 } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
import { ELECTION_MODE, type ElectionMode } from '@iotw/protocol/parameters';
import {
  type EpochSnapshot,
  encodePoolDevice,
  POOL_DEVICE_BYTES,
  type PoolDevice,
} from '@iotw/protocol/pool';

/** What a ledger server keeps beside its rounds: state pages, frozen pools, settlements. */

export const META_TABLE = 'meta';
export const STATE_TABLE = 'state';
export const POOL_TABLE = 'pools';
export const SETTLEMENT_TABLE = 'settlements';

export function epochKey(epoch: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, epoch);
  return key;
}

export function poolWrite(snapshot: EpochSnapshot): Write {
  const head = new Uint8Array(9);
  writeU32(head, 0, snapshot.epoch);
  head[4] = ELECTION_MODE[snapshot.mode];
  writeU32(head, 5, snapshot.devices.length);
  const value = concatBytes(head, snapshot.seed, snapshot.root, ...snapshot.devices.map(encodePoolDevice));
  return { table: POOL_TABLE, key: epochKey(snapshot.epoch), value };
}

/** The bytes are our own and carry the store's checksum. */
export function readPool(value: Uint8Array): EpochSnapshot {
  const mode = (Object.keys(ELECTION_MODE) as ElectionMode[]).find(
    (name) => ELECTION_MODE[name] === value[4],
  )!;
  const count = readU32(value, 5);
  const devices: PoolDevice[] = [];
  for (let i = 0, at = 73; i < count; i++, at += POOL_DEVICE_BYTES) {
    devices.push({
      device: readU32(value, at),
      key: value.slice(at + 4, at + 36),
      host: readU16(value, at + 36),
      maker: readU16(value, at + 38),
      region: value[at + 40]!,
      owner: readU32(value, at + 41),
      weight: readU32(value, at + 45),
    });
  }
  return { epoch: readU32(value, 0), mode, seed: value.slice(9, 41), root: value.slice(41, 73), devices };
}
