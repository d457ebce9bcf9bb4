import { isPublicKey } from '@iotw/kernel/ed25519';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { ProposalRule } from './rule.js';

/** A maker with its root key and the devices it may have. Codes: `maker-exists`, `proposal-key`. */
export const makerAdmit: ProposalRule<'makerAdmit'> = {
  effect: 'edge',
  check: ({ makers }, { maker, key }) => {
    if (makers.find(maker) !== -1) return RESULT_CODES['maker-exists'];
    return isPublicKey(key) ? 0 : RESULT_CODES['proposal-key'];
  },
  execute: (state, { maker, key, quota, name }, ended) => {
    state.makers.admit(maker, key, quota, name);
    return ended + 1;
  },
};
