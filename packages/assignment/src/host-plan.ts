import { assert } from '@iotw/kernel/assert';

/** A trust node that may host devices. */
export interface PlannedHost {
  readonly index: number;
  readonly region: number;
}

/** A device with the host of its last presence. */
export interface HostedDevice {
  readonly device: number;
  readonly region: number;
  readonly host: number;
}

/** Places of a host beyond its even share, percent: a device moves for a reason, not for balance alone. */
const SLACK_PERCENT = 25;

/**
 * The host of each device for the next epoch (spec: clause 14.8), a function of its arguments alone. A device
 * stays while its host is one of `hosts`, is of its region where any host is, and has room; room is the even
 * share of all devices and a quarter more. All others, in the order given, go to the least loaded host with
 * room in their region, else to the least loaded of all; the lowest number decides between equals.
 * `devices` ascend by number; `hosts` must not be empty.
 */
export function planHosts(
  devices: readonly HostedDevice[],
  hosts: readonly PlannedHost[],
): ReadonlyMap<number, number> {
  assert(hosts.length > 0, 'an epoch has trust nodes');
  const room = Math.ceil((devices.length * (100 + SLACK_PERCENT)) / (100 * hosts.length));
  const loads = new Map(hosts.map(({ index }) => [index, 0]));
  const regionOf = new Map(hosts.map(({ index, region }) => [index, region]));
  const served = new Set(regionOf.values());
  const plan = new Map<number, number>();
  const seat = (device: number, host: number) => {
    plan.set(device, host);
    loads.set(host, loads.get(host)! + 1);
  };
  const moving: HostedDevice[] = [];
  for (const one of devices) {
    const { device, host, region } = one;
    const at = regionOf.get(host);
    const near = at !== undefined && (at === region || !served.has(region));
    if (near && loads.get(host)! < room) seat(device, host);
    else moving.push(one);
  }
  for (const { device, region } of moving) {
    const near = hosts.filter((host) => host.region === region && loads.get(host.index)! < room);
    seat(device, leastLoaded(near.length > 0 ? near : hosts, loads));
  }
  return plan;
}

function leastLoaded(hosts: readonly PlannedHost[], loads: ReadonlyMap<number, number>): number {
  let best = hosts[0]!.index;
  for (const { index } of hosts) {
    const better = loads.get(index)! - loads.get(best)!;
    if (better < 0 || (better === 0 && index < best)) best = index;
  }
  return best;
}
