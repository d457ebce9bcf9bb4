import { type PlannedHost, planHosts } from '@iotw/assignment/host-plan';
import { HOST_POLICY, type Parameters } from '@iotw/protocol/parameters';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { FrozenPool } from './tables/epochs.js';
import type { Makers } from './tables/makers.js';
import type { TrustNodes } from './tables/nodes.js';
import type { Witnessing } from './tables/witnessing.js';

/** What the plan of hosts is made of. */
export interface HostingState {
  readonly epoch: number;
  readonly parameters: Parameters;
  readonly trustNodes: TrustNodes;
  readonly makers: Makers;
  readonly witnessing: Witnessing;
  snapshotOf(epoch: number): EpochSnapshot | undefined;
  frozenPool(epoch: number): FrozenPool | undefined;
}

/** A device that is to be at another host than the running epoch's pool says. */
export interface HostMove {
  readonly device: number;
  readonly host: number;
  /** First epoch whose pool names, or can name, that host: from then on the device is drawn there. */
  readonly epoch: number;
}

/** The pool that was frozen last: the running epoch's where no other is. */
function lastFrozen(state: HostingState): FrozenPool {
  let pool: FrozenPool = state.snapshotOf(state.epoch)!;
  for (let epoch = state.epoch + 1; ; epoch++) {
    const next = state.frozenPool(epoch);
    if (next === undefined) return pool;
    pool = next;
  }
}

/**
 * Trust nodes of a pool that may host: in the epoch that ended last, others had to state a host's silence no more often
 * than it answered or signed a miss. All of them where none is left.
 */
function hostsOf(state: HostingState, pool: FrozenPool): readonly PlannedHost[] {
  const all = pool.trustNodes.map(({ index }) => ({
    index,
    region: state.trustNodes.read(index)!.region,
  }));
  const heard = all.filter(({ index }) => {
    const { silences, answers, misses } = state.witnessing.read(index, state.epoch - 1);
    return silences <= answers + misses;
  });
  return heard.length > 0 ? heard : all;
}

const plans = new WeakMap<FrozenPool, ReadonlyMap<number, number>>();

/** The host of each device of the pool frozen last (spec: clause 14.8), made when it is first asked for after an edge. */
export function plannedHosts(state: HostingState): ReadonlyMap<number, number> {
  const pool = lastFrozen(state);
  let plan = plans.get(pool);
  if (plan === undefined) {
    const { makers } = state;
    const preferred = new Map<number, readonly number[]>();
    for (let row = 0; row < makers.rows; row++) preferred.set(makers.col.maker[row]!, makers.hosts(row));
    plan = planHosts(pool.devices, hostsOf(state, pool), preferred);
    plans.set(pool, plan);
  }
  return plan;
}

/**
 * Under the policy `assigned`: every device of the pool frozen last whose planned host is not the one by which the
 * running epoch's pool knows it. None under `free`. Ascending by device.
 */
export function hostMoves(state: HostingState): HostMove[] {
  if (state.parameters.hostPolicy !== HOST_POLICY.assigned) return [];
  const plan = plannedHosts(state);
  const running = hostsByDevice(state.snapshotOf(state.epoch)!);
  const later: { readonly epoch: number; readonly hosts: ReadonlyMap<number, number> }[] = [];
  let last = state.epoch;
  for (let pool = state.frozenPool(last + 1); pool !== undefined; pool = state.frozenPool(last + 1)) {
    last += 1;
    later.push({ epoch: last, hosts: hostsByDevice(pool) });
  }
  const moves: HostMove[] = [];
  for (const [device, host] of [...plan].sort(([a], [b]) => a - b)) {
    if (running.get(device) === host) continue;
    const epoch = later.find(({ hosts }) => hosts.get(device) === host)?.epoch ?? last + 1;
    moves.push({ device, host, epoch });
  }
  return moves;
}

function hostsByDevice({ devices }: Pick<FrozenPool, 'devices'>): ReadonlyMap<number, number> {
  return new Map(devices.map(({ device, host }) => [device, host]));
}
