import { RESULT_CODES } from '@iotw/protocol/result';
import type { ProposalRule } from './rule.js';

/**
 * A maker opens no batches, registers no devices, and its devices enter no pool frozen from then on.
 * Codes: `maker-unknown`, `proposal-no-change`.
 */
export const makerSuspend: ProposalRule<'makerSuspend'> = {
  effect: 'edge',
  check: ({ makers }, { maker }) => {
    const row = makers.find(maker);
    if (row === -1) return RESULT_CODES['maker-unknown'];
    return makers.isSuspended(row) ? RESULT_CODES['proposal-no-change'] : 0;
  },
  execute: ({ makers }, { maker }, ended) => {
    makers.set('suspended', makers.find(maker), 1);
    return ended + 1;
  },
};
