import { MAX_SUPPLY } from '@iotw/protocol/limits';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';

/**
 * Whether `from` can give `amount`: 0, or in this order `amount-zero`, `amount-overflow` (more than
 * there can ever be), `balance-too-low`.
 */
export function spendCode(state: State, from: number, amount: number): number {
  if (amount === 0) return RESULT_CODES['amount-zero'];
  if (amount > MAX_SUPPLY) return RESULT_CODES['amount-overflow'];
  if (state.accounts.balance(from) < amount) return RESULT_CODES['balance-too-low'];
  return 0;
}

/**
 * Moves base units between two accounts, journalled; spendCode said 0. Gives `amount-overflow` where
 * the transaction's operations together moved more than an exact integer holds, else 0.
 */
export function moveMoney(state: State, from: number, to: number, amount: number): number {
  const { accounts, journal } = state;
  journal.balance(from);
  journal.balance(to);
  accounts.setBalance(from, accounts.balance(from) - amount);
  accounts.setBalance(to, accounts.balance(to) + amount);
  state.moved += amount;
  return state.moved > Number.MAX_SAFE_INTEGER ? RESULT_CODES['amount-overflow'] : 0;
}

/** Takes base units out of an account, journalled; the other side is the caller's. */
export function takeMoney(state: State, from: number, amount: number): void {
  state.journal.balance(from);
  state.accounts.setBalance(from, state.accounts.balance(from) - amount);
}

/** Puts base units into an account, journalled; the other side is the caller's. */
export function giveMoney(state: State, to: number, amount: number): void {
  state.journal.balance(to);
  state.accounts.setBalance(to, state.accounts.balance(to) + amount);
}
