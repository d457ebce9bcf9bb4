import { makerAdmitDigest } from '@iotw/protocol/digests';
import type { MakerAdmit } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';

/**
 * Admits a maker by approvals of the steering committee's threshold; every approval must be good and
 * of another member. Codes: `maker-exists`, `maker-approvals`.
 */
export function makerAdmit(state: State, operation: MakerAdmit): number {
  const { genesis, makers } = state;
  if (makers.find(operation.maker) !== -1) return RESULT_CODES['maker-exists'];
  const digest = makerAdmitDigest(state.network, operation);
  const members = new Set<number>();
  for (const { member, signature } of operation.approvals) {
    const key = genesis.committee[member];
    if (key === undefined || members.has(member) || !state.checker.verify(signature, digest, key)) {
      return RESULT_CODES['maker-approvals'];
    }
    members.add(member);
  }
  // A network without a committee admits nobody.
  if (members.size < Math.max(1, genesis.committeeThreshold)) return RESULT_CODES['maker-approvals'];
  makers.admit(operation.maker, operation.key, operation.quota, operation.name);
  return 0;
}
