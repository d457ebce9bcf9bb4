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
  const highest = accounts.col.sequence[account]!;
  const above = sequence - highest;
  if (above > 0) return above > SEQUENCE_WINDOW ? RESULT_CODES['sequence-too-far'] : 0;
  const below = -above;
  if (sequence < 1 || below >= SEQUENCE_WINDOW) return RESULT_CODES['sequence-used'];
  const word = below < 32 ? accounts.col.used[account]! : accounts.col.usedHigh[account]!;
  return (word >>> (below & 31)) & 1 ? RESULT_CODES['sequence-used'] : 0;
}

/** Marks a sequence that sequenceCode found free as used. */
export function useSequence(accounts: Accounts, account: number, sequence: number): void {
  const { used, usedHigh, sequence: highest } = accounts.col;
  const above = sequence - highest[account]!;
  const low = used[account]!;
  if (above <= 0) {
    const below = -above;
    if (below < 32) used[account] = low | (1 << below);
    else usedHigh[account] = usedHigh[account]! | (1 << (below & 31));
    return;
  }
  highest[account] = sequence;
  if (above === 1) {
    usedHigh[account] = (usedHigh[account]! << 1) | (low >>> 31);
    used[account] = (low << 1) | 1;
  } else if (above < 32) {
    usedHigh[account] = (usedHigh[account]! << above) | (low >>> (32 - above));
    used[account] = (low << above) | 1;
  } else {
    usedHigh[account] = above === 64 ? 0 : low << (above - 32);
    used[account] = 1;
  }
}
