import { isPublicKey } from '@iotw/kernel/ed25519';
import { MAX_LEDGER_SERVERS } from '@iotw/protocol/limits';
import { NODE_ROLE } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { SERVER_OUT } from '../tables/nodes.js';
import { newNodeCode } from './node-keys.js';
import type { ProposalRule } from './rule.js';

/**
 * A ledger server, which takes its turn at seeds from the next epoch on, and votes on rounds once it has taken part (spec: 9.5). Codes: those of newNodeCode
 * (`proposal-reference` also where there is no room; `proposal-key` also for its VRF key).
 */
export const ledgerServerAdmit: ProposalRule<'ledgerServerAdmit'> = {
  effect: 'edge',
  check: (state, content) => {
    if (state.ledgerServers.rows >= MAX_LEDGER_SERVERS) return RESULT_CODES['proposal-reference'];
    return isPublicKey(content.vrfKey) ? newNodeCode(state, content) : RESULT_CODES['proposal-key'];
  },
  execute: (state, { key, vrfKey, linkKey, account, region, cloud }, ended) => {
    const { beacon, ledgerServers, nodeKeys, changes } = state;
    const index = ledgerServers.append();
    beacon.members.append();
    ledgerServers.setBytes('key', index, key);
    ledgerServers.setBytes('vrfKey', index, vrfKey);
    ledgerServers.setBytes('linkKey', index, linkKey);
    ledgerServers.set('account', index, state.accounts.findOrOpen(account));
    // A vote that nobody casts would count against the network.
    ledgerServers.set('suspended', index, SERVER_OUT.away);
    ledgerServers.set('region', index, region);
    ledgerServers.set('cloud', index, cloud);
    nodeKeys.record(NODE_ROLE.ledger, index, key, state.round);
    nodeKeys.record(NODE_ROLE.ledger, index, linkKey, state.round);
    changes.keys.push({ role: NODE_ROLE.ledger, index });
    return ended + 1;
  },
};
