import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { RESULT_CODES } from '@iotw/protocol/result';
import { thresholdOf } from '../beacon-ceremony.js';
import type { State } from '../state.js';
import { SERVER_OUT } from '../tables/nodes.js';
import type { ProposalRule } from './rule.js';

/**
 * A ledger server takes no turn at seeds and votes on no rounds any more. Codes: `node-unknown`, `proposal-no-change`,
 * `proposal-undecidable` (the last one, or fewer would be left than sign a seed together).
 */
export const ledgerServerSuspend: ProposalRule<'ledgerServerSuspend'> = {
  effect: 'edge',
  check: (state, { index }) => {
    const { ledgerServers } = state;
    if (index >= ledgerServers.rows) return RESULT_CODES['node-unknown'];
    if (!ledgerServers.serving().includes(index)) return RESULT_CODES['proposal-no-change'];
    return maySpare(state, index) ? 0 : RESULT_CODES['proposal-undecidable'];
  },
  execute: ({ ledgerServers }, { index }, ended) => {
    const flags = ledgerServers.col.suspended[index]!;
    ledgerServers.set('suspended', index, flags | SERVER_OUT.rounds | SERVER_OUT.seeds);
    return ended + 1;
  },
};

/** Whether the network can go on with those that vote on rounds by now, without that one. */
export function maySpare(state: State, index: number): boolean {
  const left = state.ledgerServers.voting().filter((server) => server !== index).length;
  return left >= signersWanted(state);
}

/**
 * Servers that have to serve: where they share a key, as many as sign with it, and the quorum of all that were admitted
 * (spec: clause 14.6): suspending one after the other must not leave the key to a few.
 */
function signersWanted({ beacon, ledgerServers, nextParameters }: State): number {
  const { seedSource, beaconThreshold } = nextParameters;
  if (seedSource !== SEED_SOURCE.threshold) return Math.max(1, beaconThreshold);
  return Math.max(beacon.groupThreshold, thresholdOf(beaconThreshold, ledgerServers.rows));
}
