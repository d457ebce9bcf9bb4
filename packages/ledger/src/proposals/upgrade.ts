import { MAX_PROPOSAL_EPOCHS } from '@iotw/protocol/limits';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { ProposalRule } from './rule.js';

/** Every operator has at least one whole epoch between the vote's edge and the new version's first round. */
const NOTICE_EPOCHS = 2;

/**
 * The protocol's version from an epoch's first round on; the running version with epoch 0 takes back what is pending. Which
 * versions a server's software knows plays no part: all of them must judge alike. Codes: `upgrade-version` (below the
 * running one), `upgrade-pending` (another is planned), `upgrade-epoch` (too soon, or too far), `proposal-no-change` (nothing
 * to take back).
 */
export const upgrade: ProposalRule<'upgrade'> = {
  effect: 'edge',
  check: ({ upgrades, epoch: running }, { version, epoch }) => {
    const { pending } = upgrades;
    if (version < upgrades.version) return RESULT_CODES['upgrade-version'];
    if (version === upgrades.version) {
      if (epoch !== 0) return RESULT_CODES['upgrade-version'];
      return pending === undefined ? RESULT_CODES['proposal-no-change'] : 0;
    }
    if (pending !== undefined) return RESULT_CODES['upgrade-pending'];
    const early = epoch < running + NOTICE_EPOCHS;
    return early || epoch > running + MAX_PROPOSAL_EPOCHS ? RESULT_CODES['upgrade-epoch'] : 0;
  },
  execute: ({ upgrades }, { version, epoch }, ended) => {
    if (version === upgrades.version) {
      upgrades.plan(0, 0);
      return ended + 1;
    }
    upgrades.plan(version, epoch);
    return epoch;
  },
};
