import { RESULT_CODES } from '@iotw/protocol/result';
import type { ProposalRule } from './rule.js';

/**
 * A ledger server takes no turn at seeds any more. Codes: `node-unknown`, `proposal-no-change`,
 * `proposal-undecidable` (the last one, or fewer would be left than sign a seed together).
 */
export const ledgerServerSuspend: ProposalRule<'ledgerServerSuspend'> = {
  effect: 'edge',
  check: ({ ledgerServers, nextParameters }, { index }) => {
    if (index >= ledgerServers.rows) return RESULT_CODES['node-unknown'];
    if (ledgerServers.col.suspended[index] === 1) return RESULT_CODES['proposal-no-change'];
    const left = ledgerServers.serving().length - 1;
    return left >= Math.max(1, nextParameters.beaconThreshold) ? 0 : RESULT_CODES['proposal-undecidable'];
  },
  execute: ({ ledgerServers }, { index }, ended) => {
    ledgerServers.set('suspended', index, 1);
    return ended + 1;
  },
};
