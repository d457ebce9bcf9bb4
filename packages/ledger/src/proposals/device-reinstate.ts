import { RESULT_CODES } from '@iotw/protocol/result';
import { reinstateDevice } from '../removal.js';
import type { ProposalRule } from './rule.js';

/** Lifts a device's blacklist before its term. Codes: `device-unknown`, `proposal-no-change`. */
export const deviceReinstate: ProposalRule<'deviceReinstate'> = {
  effect: 'edge',
  check: ({ devices }, { device }) => {
    if (device >= devices.rows) return RESULT_CODES['device-unknown'];
    return devices.col.blacklistedUntil[device] === 0 ? RESULT_CODES['proposal-no-change'] : 0;
  },
  execute: (state, { device }, ended) => {
    reinstateDevice(state, device);
    return ended + 1;
  },
};
