import { MAX_SUPPLY } from '@iotw/protocol/limits';
import type { LaneFund } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';
import { SUSPENDED } from '../tables/nodes.js';
import { spendCode, takeMoney } from './money.js';

/**
 * Tops up a lane's prepaid credit and bond; ends a suspension for want of funds.
 * Codes: `lane-unknown`, then those of spendCode over both together.
 */
export function laneFund(state: State, operation: LaneFund): number {
  const { lane, credit, bond } = operation;
  const { trustNodes } = state;
  if (lane >= trustNodes.rows) return RESULT_CODES['lane-unknown'];
  if (credit > MAX_SUPPLY || bond > MAX_SUPPLY) return RESULT_CODES['amount-overflow'];
  const code = spendCode(state, state.sender, Math.min(credit + bond, Number.MAX_SAFE_INTEGER));
  if (code !== 0) return code;
  takeMoney(state, state.sender, credit + bond);
  trustNodes.add('credit', lane, credit);
  trustNodes.add('bond', lane, bond);
  trustNodes.set('suspended', lane, trustNodes.col.suspended[lane]! & ~SUSPENDED.unfunded);
  state.changes.lanes.add(lane);
  return 0;
}
