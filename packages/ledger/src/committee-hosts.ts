import type { CertifiedCommittee } from '@iotw/assignment/certificate-check';
import type { State } from './state.js';

/** Host of a device in the frozen pool of an epoch; undefined where it is not in it. */
export function hostsOf(state: State, epoch: number): (device: number) => number | undefined {
  const devices = state.epochs.snapshot(epoch)?.devices ?? [];
  return (device) => {
    let low = 0;
    let high = devices.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const at = devices[middle]!;
      if (at.device === device) return at.host;
      if (at.device < device) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  };
}

/** The host of each paid answer's device, in order. */
export function paidHostsOf(
  state: State,
  epoch: number,
  { paid }: Pick<CertifiedCommittee, 'paid'>,
): number[] {
  const hosts = hostsOf(state, epoch);
  return paid.flatMap(({ device }) => hosts(device) ?? []);
}
