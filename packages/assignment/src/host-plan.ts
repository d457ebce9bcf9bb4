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
  readonly maker: number;
}

/** Places of a host beyond its even share, percent: a device moves for a reason, not for balance alone. */
const SLACK_PERCENT = 25;

/**
 * The host of each device for the next epoch (spec: clause 14.8), a function of its arguments alone. A device's
 * hosts are those its maker named in `preferred` (numbers by maker), else those of its region, else all: the first of
 * these groups of which any is in `hosts`. It stays while its host is one of them and has room; room is the even share of
 * all devices and a quarter more. All others, in the order given, go to the least loaded with room of their first group, else
 * of the next one; the lowest number decides between equals. `devices` ascend by number; `hosts` must not be empty.
 */
export function planHosts(
  devices: readonly HostedDevice[],
  hosts: readonly PlannedHost[],
  preferred: ReadonlyMap<number, readonly number[]> = new Map(),
): ReadonlyMap<number, number> {
  assert(hosts.length > 0, 'an epoch has trust nodes');
  const room = Math.ceil((devices.length * (100 + SLACK_PERCENT)) / (100 * hosts.length));
  const loads = new Map(hosts.map(({ index }) => [index, 0]));
  const groups = new Map<string, readonly (readonly PlannedHost[])[]>();
  const groupsOf = ({ maker, region }: HostedDevice) => {
    const name = `${maker}/${region}`;
    let known = groups.get(name);
    if (known === undefined) {
      const named = hosts.filter(({ index }) => preferred.get(maker)?.includes(index) === true);
      const near = hosts.filter((host) => host.region === region);
      known = [named, near, hosts].filter((group) => group.length > 0);
      groups.set(name, known);
    }
    return known;
  };
  const plan = new Map<number, number>();
  const seat = (device: number, host: number) => {
    plan.set(device, host);
    loads.set(host, loads.get(host)! + 1);
  };
  const moving: HostedDevice[] = [];
  for (const one of devices) {
    const right = groupsOf(one)[0]!.some(({ index }) => index === one.host);
    if (right && loads.get(one.host)! < room) seat(one.device, one.host);
    else moving.push(one);
  }
  for (const one of moving) {
    // All hosts together have room for all devices, so the last group always has some.
    for (const group of groupsOf(one)) {
      const host = leastLoaded(group, loads);
      if (loads.get(host)! >= room) continue;
      seat(one.device, host);
      break;
    }
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
