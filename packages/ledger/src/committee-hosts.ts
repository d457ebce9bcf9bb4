import type { CertifiedCommittee } from '@iotw/assignment/certificate-check';
import { poolEntry } from '@iotw/protocol/pool';
import type { State } from './state.js';

/** Host of a device in the frozen pool of an epoch; undefined where it is not in it. */
export function hostsOf(state: State, epoch: number): (device: number) => number | undefined {
  const snapshot = state.epochs.snapshot(epoch);
  return (device) => (snapshot === undefined ? undefined : poolEntry(snapshot, device)?.host);
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
