import { Prng } from '@iotw/kernel/prng';
import { DEVNET_PARAMETERS } from '@iotw/protocol/parameters';
import type { EpochSnapshot, PoolDevice } from '@iotw/protocol/pool';

/** A pool for elections without a network: devices with what diversity looks at, no keys. */
export function arenaPool(
  count: number,
  trustNodes: number,
  change: (device: number) => Partial<PoolDevice>,
): PoolDevice[] {
  const key = new Uint8Array(32);
  return Array.from({ length: count }, (_, device) => ({
    device,
    key,
    host: device % trustNodes,
    maker: device % 5,
    region: device % 4,
    owner: device,
    weight: 1,
    deviceClass: 0,
    ...change(device),
  }));
}

/** The pool under the seed of an epoch of its own. */
export function arenaSnapshot(
  devices: readonly PoolDevice[],
  trustNodes: number,
  seed: string,
): EpochSnapshot {
  return {
    epoch: 0,
    mode: 'random',
    seed: new Prng(seed).bytes(32),
    devices,
    parameters: DEVNET_PARAMETERS,
    trustNodes: Array.from({ length: trustNodes }, (_, index) => ({ index, key: new Uint8Array(32) })),
    assigners: [],
    root: new Uint8Array(32),
  };
}
