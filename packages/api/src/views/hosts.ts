import { plannedHosts } from '@iotw/ledger/host-moves';
import type { Ledger } from '@iotw/ledger/ledger';

/**
 * The trust node that the policy gives the device (spec: 14.8), from the pool and the trust nodes that were
 * frozen last; undefined for a device that is not in that pool.
 */
export function recommendedHost(ledger: Ledger, device: number): number | undefined {
  return plannedHosts(ledger).get(device);
}
