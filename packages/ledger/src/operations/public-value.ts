import type { PublicValue } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { takePublicValue } from '../seed-rule.js';
import type { State } from '../state.js';

/**
 * An operator of a node brings the public beacon's value that a vote named: any ledger server can open the
 * next epoch with it. Operators only, since a check costs much more than a signature.
 * Codes: `node-not-account` (of none), `emergency-none` (no value is awaited, or it is here), `emergency-value`
 * (it is not that round's).
 */
export function publicValue(state: State, { value }: PublicValue): number {
  const operators = [state.trustNodes, state.ledgerServers].some((nodes) =>
    nodes.col.account.subarray(0, nodes.rows).includes(state.sender),
  );
  if (!operators) return RESULT_CODES['node-not-account'];
  const { beacon } = state;
  if (beacon.emergency === undefined || beacon.emergencyValue !== undefined)
    return RESULT_CODES['emergency-none'];
  return takePublicValue(state, value) ? 0 : RESULT_CODES['emergency-value'];
}
