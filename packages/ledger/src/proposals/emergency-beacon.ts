import { RESULT_CODES } from '@iotw/protocol/result';
import type { ProposalRule } from './rule.js';

/**
 * Names the round of a public beacon that gives the next epoch's seed where those who should make it can't.
 * It counts at once: the edge it helps across would never come. Code: `proposal-reference` (another epoch
 * than the next).
 */
export const emergencyBeacon: ProposalRule<'emergencyBeacon'> = {
  effect: 'at-once',
  check: (state, { epoch }) => (epoch === state.epoch + 1 ? 0 : RESULT_CODES['proposal-reference']),
  execute: (state, content) => {
    state.committee.nameBeacon(content);
    return content.epoch;
  },
};
