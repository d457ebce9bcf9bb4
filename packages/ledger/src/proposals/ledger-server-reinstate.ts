import { RESULT_CODES } from '@iotw/protocol/result';
import { SERVER_OUT } from '../tables/nodes.js';
import type { ProposalRule } from './rule.js';

const OUT = SERVER_OUT.rounds | SERVER_OUT.seeds;

/** Ends a ledger server's suspension, by a vote or for an act: no act up to now counts again. Codes: `node-unknown`, `proposal-no-change`. */
export const ledgerServerReinstate: ProposalRule<'ledgerServerReinstate'> = {
  effect: 'edge',
  check: ({ ledgerServers }, { index }) => {
    if (index >= ledgerServers.rows) return RESULT_CODES['node-unknown'];
    return (ledgerServers.col.suspended[index]! & OUT) === 0 ? RESULT_CODES['proposal-no-change'] : 0;
  },
  execute: ({ ledgerServers, timeMs }, { index }, ended) => {
    ledgerServers.set('suspended', index, ledgerServers.col.suspended[index]! & ~OUT);
    ledgerServers.set('actsAfterMs', index, timeMs);
    return ended + 1;
  },
};
