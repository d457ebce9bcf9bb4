import { MAX_TRUST_NODES } from '@iotw/protocol/limits';
import { NODE_ROLE } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { POOL_LEAD } from '../tables/epochs.js';
import { SUSPENDED } from '../tables/nodes.js';
import { newNodeCode } from './node-keys.js';
import type { ProposalRule } from './rule.js';

/**
 * A trust node with a lane of its own, at height 0, which takes blocks and counts as a witness from the
 * first epoch that is frozen with it. Its credit and bond are anybody's to fund (laneFund).
 * Codes: those of newNodeCode (`proposal-reference` also where there is no room).
 */
export const trustNodeAdmit: ProposalRule<'trustNodeAdmit'> = {
  effect: 'edge',
  check: (state, content) =>
    state.trustNodes.rows >= MAX_TRUST_NODES
      ? RESULT_CODES['proposal-reference']
      : newNodeCode(state, content),
  execute: (state, { key, linkKey, account, region, cloud }, ended) => {
    const { trustNodes, lanes, nodeKeys, changes } = state;
    const index = trustNodes.append();
    trustNodes.setBytes('key', index, key);
    trustNodes.setBytes('linkKey', index, linkKey);
    trustNodes.set('account', index, state.accounts.findOrOpen(account));
    trustNodes.set('region', index, region);
    trustNodes.set('cloud', index, cloud);
    trustNodes.set('suspended', index, SUSPENDED.unseated);
    nodeKeys.record(NODE_ROLE.trust, index, key, state.round);
    nodeKeys.record(NODE_ROLE.trust, index, linkKey, state.round);
    const lane = lanes.append();
    lanes.set('progressRound', lane, state.round);
    changes.lanes.add(index);
    changes.keys.push({ role: NODE_ROLE.trust, index });
    return ended + POOL_LEAD;
  },
};
