import { RESULT_CODES } from '@iotw/protocol/result';
import type { ProposalRule } from './rule.js';

/** Ends a maker's suspension. Codes: `maker-unknown`, `proposal-no-change`. */
export const makerReinstate: ProposalRule<'makerReinstate'> = {
  effect: 'edge',
  check: ({ makers }, { maker }) => {
    const row = makers.find(maker);
    if (row === -1) return RESULT_CODES['maker-unknown'];
    return makers.isSuspended(row) ? 0 : RESULT_CODES['proposal-no-change'];
  },
  execute: ({ makers }, { maker }, ended) => {
    makers.set('suspended', makers.find(maker), 0);
    return ended + 1;
  },
};
