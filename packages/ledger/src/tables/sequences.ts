import { SEQUENCE_WINDOW } from '@iotw/protocol/limits';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { Accounts } from './accounts.js';

/**
 * The replay window (spec: clause 4). Sequences start at 1. Of the 64 numbers up to the highest used
 * one a bitmap says which are used; everything older counts as used; at most 64 above the highest may
 * come next.
 *
 * 0 where `sequence` may be used, else the code `sequence-used` or `sequence-too-far`.
 */
export function sequenceCode(accounts: Accounts, account: number, sequence: number): number {
  const above = sequence - accounts.sequence(account);
  if (above > 0) return above > SEQUENCE_WINDOW ? RESULT_CODES['sequence-too-far'] : 0;
  const below = -above;
  if (sequence < 1 || below >= SEQUENCE_WINDOW) return RESULT_CODES['sequence-used'];
  const word = accounts.used(account, below < 32 ? 0 : 1);
  return (word >>> (below & 31)) & 1 ? RESULT_CODES['sequence-used'] : 0;
}

/** Marks a sequence that sequenceCode found free as used; the account was touched. */
export function useSequence(accounts: Accounts, account: number, sequence: number): void {
  const highest = accounts.sequence(account);
  const above = sequence - highest;
  const low = accounts.used(account, 0);
  const high = accounts.used(account, 1);
  if (above <= 0) {
    const below = -above;
    const bit = 1 << (below & 31);
    if (below < 32) accounts.setWindow(account, highest, low | bit, high);
    else accounts.setWindow(account, highest, low, high | bit);
  } else if (above < 32) {
    accounts.setWindow(account, sequence, (low << above) | 1, (high << above) | (low >>> (32 - above)));
  } else {
    accounts.setWindow(account, sequence, 1, above === 64 ? 0 : low << (above - 32));
  }
}
