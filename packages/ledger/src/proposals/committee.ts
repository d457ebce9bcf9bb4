import { toHex } from '@iotw/kernel/bytes';
import { isPublicKey } from '@iotw/kernel/ed25519';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { ProposalRule } from './rule.js';

/**
 * Other members and another threshold; votes of those who leave no longer count. Codes: `proposal-undecidable`
 * (no members, a threshold of 0 or above their number), `proposal-key` (no key, or one twice).
 */
export const committee: ProposalRule<'committee'> = {
  effect: 'edge',
  check: (_, { threshold, members }) => {
    if (threshold === 0 || threshold > members.length) return RESULT_CODES['proposal-undecidable'];
    const different = new Set(members.map(toHex));
    return different.size === members.length && members.every(isPublicKey) ? 0 : RESULT_CODES['proposal-key'];
  },
  execute: (state, { threshold, members }, ended) => {
    state.committee.change(threshold, members);
    return ended + 1;
  },
};
