import type { Refund } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';
import { moveMoney, spendCode } from './money.js';

/**
 * The seller gives back part or all of a trade.
 * Codes: `trade-unknown`, `refund-not-seller`, `refund-exceeds-trade`, then those of spendCode.
 */
export function refund(state: State, operation: Refund): number {
  const { trades } = state;
  const number = trades.find(operation.transaction, operation.operation);
  if (number === -1) return RESULT_CODES['trade-unknown'];
  const c = trades.col;
  if (c.seller[number] !== state.sender) return RESULT_CODES['refund-not-seller'];
  const { amount } = operation;
  if (amount > c.amount[number]! - c.refunded[number]!) return RESULT_CODES['refund-exceeds-trade'];
  const code = spendCode(state, state.sender, amount);
  if (code !== 0) return code;
  trades.add('refunded', number, amount);
  return moveMoney(state, state.sender, c.buyer[number]!, amount);
}
