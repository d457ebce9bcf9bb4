import { readU32, readU64 } from '@iotw/kernel/bytes';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';
import { moveMoney, spendCode } from './money.js';

/** Bytes of a transfer without its selector: to u32, amount u64. */
export const TRANSFER_BYTES = 12;

/**
 * Money to an account by its number, read in place at `at` (behind the selector).
 * Codes: `account-unknown`, `self-transfer`, then those of spendCode.
 */
export function transfer(state: State, b: Uint8Array, at: number): number {
  const to = readU32(b, at);
  if (to >= state.accounts.rows) return RESULT_CODES['account-unknown'];
  if (to === state.sender) return RESULT_CODES['self-transfer'];
  const amount = readU64(b, at + 4);
  const code = spendCode(state, state.sender, amount);
  return code !== 0 ? code : moveMoney(state, state.sender, to, amount);
}
