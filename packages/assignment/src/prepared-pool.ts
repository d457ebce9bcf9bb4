import type { EpochSnapshot, PoolDevice } from '@iotw/protocol/pool';

/** Devices by cumulative weight: slot i covers [sums[i-1], sums[i]). */
export interface WeightTable {
  /** Positions in the snapshot's list, ascending. */
  readonly positions: Uint32Array;
  readonly sums: Float64Array;
  /** At most 2^20 devices of less than 2^32 each: exact. */
  readonly total: number;
}

export function weightTable(devices: readonly PoolDevice[], positions: Uint32Array): WeightTable {
  const sums = new Float64Array(positions.length);
  let total = 0;
  for (let i = 0; i < positions.length; i++) {
    total += devices[positions[i]!]!.weight;
    sums[i] = total;
  }
  return { positions, sums, total };
}

/** The slot that covers `value` (0 .. total-1). */
export function slotAt(table: WeightTable, value: number): number {
  const { sums } = table;
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What all draws over one snapshot that leave out the same host have in common. */
export interface PreparedPool {
  readonly devices: readonly PoolDevice[];
  readonly table: WeightTable;
  /** Distinct values among the eligible devices. */
  readonly owners: number;
  readonly makers: number;
  readonly regions: number;
}

/** Preparation costs as much as thousands of draws; it goes when its snapshot does. */
const prepared = new WeakMap<EpochSnapshot, Map<number | undefined, PreparedPool>>();

/** The eligible devices (all but those at `excludeHost`) ready for draws, computed once per snapshot and host. */
export function preparePool(snapshot: EpochSnapshot, excludeHost: number | undefined): PreparedPool {
  let byHost = prepared.get(snapshot);
  if (byHost === undefined) {
    byHost = new Map();
    prepared.set(snapshot, byHost);
  }
  let pool = byHost.get(excludeHost);
  if (pool === undefined) {
    pool = prepare(snapshot.devices, excludeHost);
    byHost.set(excludeHost, pool);
  }
  return pool;
}

function prepare(devices: readonly PoolDevice[], excludeHost: number | undefined): PreparedPool {
  const positions = new Uint32Array(devices.length);
  const owners = new Set<number>();
  const makers = new Set<number>();
  const regions = new Set<number>();
  let count = 0;
  for (let i = 0; i < devices.length; i++) {
    const device = devices[i]!;
    if (device.host === excludeHost) continue;
    positions[count++] = i;
    owners.add(device.owner);
    makers.add(device.maker);
    regions.add(device.region);
  }
  return {
    devices,
    table: weightTable(devices, positions.slice(0, count)),
    owners: owners.size,
    makers: makers.size,
    regions: regions.size,
  };
}
