import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { RESULT_CODES } from '@iotw/protocol/result';
import { thresholdOf } from '../beacon-ceremony.js';
import type { State } from '../state.js';
import type { ProposalRule } from './rule.js';

/**
 * A ledger server takes no turn at seeds any more. Codes: `node-unknown`, `proposal-no-change`,
 * `proposal-undecidable` (the last one, or fewer would be left than sign a seed together).
 */
export const ledgerServerSuspend: ProposalRule<'ledgerServerSuspend'> = {
  effect: 'edge',
  check: (state, { index }) => {
    const { ledgerServers } = state;
    if (index >= ledgerServers.rows) return RESULT_CODES['node-unknown'];
    if (ledgerServers.col.suspended[index] === 1) return RESULT_CODES['proposal-no-change'];
    const left = ledgerServers.serving().length - 1;
    return left >= signersWanted(state) ? 0 : RESULT_CODES['proposal-undecidable'];
  },
  execute: ({ ledgerServers }, { index }, ended) => {
    ledgerServers.set('suspended', index, 1);
    return ended + 1;
  },
};

/**
 * Servers that have to serve: where they share a key, as many as sign with it, and the quorum of all that were admitted
 * (spec: clause 14.6): suspending one after the other must not leave the key to a few.
 */
function signersWanted({ beacon, ledgerServers, nextParameters }: State): number {
  const { seedSource, beaconThreshold } = nextParameters;
  if (seedSource !== SEED_SOURCE.threshold) return Math.max(1, beaconThreshold);
  return Math.max(beacon.groupThreshold, thresholdOf(beaconThreshold, ledgerServers.rows));
}
