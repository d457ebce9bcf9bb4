import { RESULT_CODES } from '@iotw/protocol/result';
import type { ProposalRule } from './rule.js';

/**
 * Another number of devices that a maker may have; below what it has it registers no more.
 * Codes: `maker-unknown`, `proposal-no-change`.
 */
export const makerQuota: ProposalRule<'makerQuota'> = {
  effect: 'edge',
  check: ({ makers }, { maker, quota }) => {
    const row = makers.find(maker);
    if (row === -1) return RESULT_CODES['maker-unknown'];
    return makers.col.quota[row] === quota ? RESULT_CODES['proposal-no-change'] : 0;
  },
  execute: ({ makers }, { maker, quota }, ended) => {
    makers.set('quota', makers.find(maker), quota);
    return ended + 1;
  },
};
