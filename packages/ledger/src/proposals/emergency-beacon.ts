import { assert } from '@iotw/kernel/assert';
import { RESULT_CODES } from '@iotw/protocol/result';
import { checkEmergency } from '../seed-rule.js';
import type { ProposalRule } from './rule.js';

type EmergencyCode = 'emergency-chain' | 'emergency-round' | 'emergency-pending';

/**
 * Names the round of a public beacon that gives the next epoch's seed where those who should make it can't.
 * It counts at once: the edge it helps across would never come. Codes: `proposal-reference` (another epoch
 * than the next), then those of checkEmergency, as of the round that adopts it.
 */
export const emergencyBeacon: ProposalRule<'emergencyBeacon'> = {
  effect: 'at-once',
  check: (state, { epoch, chain, round }) => {
    if (epoch !== state.epoch + 1) return RESULT_CODES['proposal-reference'];
    const possible = checkEmergency(state, chain, round);
    return possible.ok ? 0 : RESULT_CODES[possible.error.code as EmergencyCode];
  },
  execute: (state, { epoch, chain, round }) => {
    const possible = checkEmergency(state, chain, round);
    assert(possible.ok, 'it was checked in this round');
    possible.value();
    return epoch;
  },
};
