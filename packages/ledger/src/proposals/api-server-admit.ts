import { isPublicKey } from '@iotw/kernel/ed25519';
import { MAX_API_SERVERS } from '@iotw/protocol/limits';
import { NODE_ROLE } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { POOL_LEAD } from '../tables/epochs.js';
import type { ProposalRule } from './rule.js';

/**
 * An API server beside a ledger server, which may sign assignments from the first epoch frozen with it. Codes:
 * `proposal-reference` (no such ledger server, no room), `proposal-key`, `node-key-in-use`.
 */
export const apiServerAdmit: ProposalRule<'apiServerAdmit'> = {
  effect: 'edge',
  check: ({ apiServers, ledgerServers, nodeKeys }, { key, server }) => {
    if (apiServers.rows >= MAX_API_SERVERS || server >= ledgerServers.rows)
      return RESULT_CODES['proposal-reference'];
    if (!isPublicKey(key)) return RESULT_CODES['proposal-key'];
    return nodeKeys.has(key) ? RESULT_CODES['node-key-in-use'] : 0;
  },
  execute: ({ apiServers, nodeKeys, round }, { key, server }, ended) => {
    const index = apiServers.admit(key, server);
    nodeKeys.record(NODE_ROLE.api, index, key, round);
    return ended + POOL_LEAD;
  },
};
