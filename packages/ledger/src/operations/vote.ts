import type { ProposalVote } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { countVotes } from '../proposals/decide.js';
import type { State } from '../state.js';
import { PROPOSAL_STATE } from '../tables/proposals.js';

/**
 * A member of the steering committee votes on an open proposal, once and for good. Codes:
 * `committee-not-member`, `vote-choice` (neither 0 nor 1), `proposal-unknown`, `proposal-closed` (decided, or
 * its last epoch is over), `vote-repeated`.
 */
export function vote(state: State, { proposal, approve }: ProposalVote): number {
  const { committee, proposals } = state;
  const member = state.accounts.key(state.sender);
  if (!committee.has(member)) return RESULT_CODES['committee-not-member'];
  if (approve > 1) return RESULT_CODES['vote-choice'];
  if (proposal >= proposals.rows) return RESULT_CODES['proposal-unknown'];
  const { state: standing, expiry } = proposals.col;
  if (standing[proposal] !== PROPOSAL_STATE.open || expiry[proposal]! < state.epoch) {
    return RESULT_CODES['proposal-closed'];
  }
  if (proposals.hasVoted(proposal, member)) return RESULT_CODES['vote-repeated'];
  proposals.vote(proposal, member, approve === 1, state.round);
  countVotes(state, proposal);
  return 0;
}
