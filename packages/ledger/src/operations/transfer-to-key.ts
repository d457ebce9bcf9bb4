import { readU64 } from '@iotw/kernel/bytes';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';
import { moveMoney, spendCode } from './money.js';

/** Bytes of a transferToKey without its selector: key 32, amount u64. */
export const TRANSFER_TO_KEY_BYTES = 40;

/**
 * Money to a key, read in place at `at` (behind the selector); opens the account where there is none.
 * Codes: `self-transfer`, then those of spendCode.
 */
export function transferToKey(state: State, b: Uint8Array, at: number): number {
  const amount = readU64(b, at + 32);
  const found = state.accounts.find(b, at);
  if (found === state.sender) return RESULT_CODES['self-transfer'];
  const code = spendCode(state, state.sender, amount);
  if (code !== 0) return code;
  const to = found === -1 ? state.accounts.open(b, at) : found;
  return moveMoney(state, state.sender, to, amount);
}
