import type { EpochSnapshot, PoolDevice } from '@iotw/protocol/pool';

const byNumber = new WeakMap<EpochSnapshot, ReadonlyMap<number, PoolDevice>>();

/** A pool's devices by their numbers, made once for each pool. */
export function devicesOf(snapshot: EpochSnapshot): ReadonlyMap<number, PoolDevice> {
  let known = byNumber.get(snapshot);
  if (known === undefined) {
    known = new Map(snapshot.devices.map((device) => [device.device, device]));
    byNumber.set(snapshot, known);
  }
  return known;
}
