import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';
import { POOL_LEAD } from '../tables/epochs.js';
import type { ProposalRule } from './rule.js';

function check({ apiServers }: State, index: number, suspended: 0 | 1): number {
  if (index >= apiServers.rows) return RESULT_CODES['node-unknown'];
  return apiServers.col.suspended[index] === suspended ? RESULT_CODES['proposal-no-change'] : 0;
}

/**
 * An API server signs no assignments of epochs frozen from now on; where none is left, each lane's trust node
 * assigns. Codes: `node-unknown`, `proposal-no-change`.
 */
export const apiServerSuspend: ProposalRule<'apiServerSuspend'> = {
  effect: 'edge',
  check: (state, { index }) => check(state, index, 1),
  execute: ({ apiServers }, { index }, ended) => {
    apiServers.set('suspended', index, 1);
    return ended + POOL_LEAD;
  },
};

/** Ends an API server's suspension. Codes: `node-unknown`, `proposal-no-change`. */
export const apiServerReinstate: ProposalRule<'apiServerReinstate'> = {
  effect: 'edge',
  check: (state, { index }) => check(state, index, 0),
  execute: ({ apiServers }, { index }, ended) => {
    apiServers.set('suspended', index, 0);
    return ended + POOL_LEAD;
  },
};
