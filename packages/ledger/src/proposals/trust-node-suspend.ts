import { RESULT_CODES } from '@iotw/protocol/result';
import { POOL_LEAD } from '../tables/epochs.js';
import { SUSPENDED } from '../tables/nodes.js';
import type { ProposalRule } from './rule.js';

/**
 * A trust node's lane takes no blocks from the next round on, and it counts as no witness from the first
 * epoch that is frozen without it. Codes: `node-unknown`, `proposal-no-change`, `proposal-undecidable` (the
 * last one).
 */
export const trustNodeSuspend: ProposalRule<'trustNodeSuspend'> = {
  effect: 'edge',
  check: ({ trustNodes }, { index }) => {
    if (index >= trustNodes.rows) return RESULT_CODES['node-unknown'];
    if ((trustNodes.col.suspended[index]! & SUSPENDED.vote) !== 0) return RESULT_CODES['proposal-no-change'];
    const others = trustNodes.trusted().filter((other) => other !== index);
    return others.length > 0 ? 0 : RESULT_CODES['proposal-undecidable'];
  },
  execute: (state, { index }, ended) => {
    state.suspendLane(index, SUSPENDED.vote);
    return ended + POOL_LEAD;
  },
};
