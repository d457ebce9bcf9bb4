import { planHosts } from '@iotw/assignment/host-plan';
import type { Ledger } from '@iotw/ledger/ledger';
import type { FrozenPool } from '@iotw/ledger/tables/epochs';

const plans = new WeakMap<FrozenPool, ReadonlyMap<number, number>>();

/**
 * The trust node that the policy gives the device (spec: 14.8), from the pool and the trust nodes that were
 * frozen last; undefined for a device that is not in that pool.
 */
export function recommendedHost(ledger: Ledger, device: number): number | undefined {
  const pool = lastFrozen(ledger);
  let plan = plans.get(pool);
  if (plan === undefined) {
    const hosts = pool.trustNodes.map(({ index }) => ({
      index,
      region: ledger.trustNodes.read(index)!.region,
    }));
    plan = planHosts(pool.devices, hosts);
    plans.set(pool, plan);
  }
  return plan.get(device);
}

function lastFrozen(ledger: Ledger): FrozenPool {
  let pool: FrozenPool = ledger.snapshotOf(ledger.epoch)!;
  for (let epoch = ledger.epoch + 1; ; epoch++) {
    const next = ledger.frozenPool(epoch);
    if (next === undefined) return pool;
    pool = next;
  }
}
