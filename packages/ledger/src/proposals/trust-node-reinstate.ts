import { RESULT_CODES } from '@iotw/protocol/result';
import { POOL_LEAD } from '../tables/epochs.js';
import { SUSPENDED } from '../tables/nodes.js';
import type { ProposalRule } from './rule.js';

const LIFTED = SUSPENDED.vote | SUSPENDED.equivocation;

/**
 * Ends a trust node's suspension by vote or for equivocation (want of funds is for laneFund): it is back
 * from the first epoch that is frozen with it. Codes: `node-unknown`, `proposal-no-change`.
 */
export const trustNodeReinstate: ProposalRule<'trustNodeReinstate'> = {
  effect: 'edge',
  check: ({ trustNodes }, { index }) => {
    if (index >= trustNodes.rows) return RESULT_CODES['node-unknown'];
    return (trustNodes.col.suspended[index]! & LIFTED) === 0 ? RESULT_CODES['proposal-no-change'] : 0;
  },
  execute: ({ trustNodes, changes }, { index }, ended) => {
    trustNodes.set('suspended', index, trustNodes.col.suspended[index]! & ~LIFTED);
    changes.lanes.add(index);
    return ended + POOL_LEAD;
  },
};
