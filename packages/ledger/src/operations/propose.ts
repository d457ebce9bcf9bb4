import { equalBytes } from '@iotw/kernel/bytes';
import { MAX_OPEN_PROPOSALS, MAX_PROPOSAL_EPOCHS } from '@iotw/protocol/limits';
import type { Propose } from '@iotw/protocol/operations';
import { decodeProposal, proposalKind } from '@iotw/protocol/proposals';
import { RESULT_CODES } from '@iotw/protocol/result';
import { countVotes } from '../proposals/decide.js';
import { ruleOf } from '../proposals/table.js';
import type { State } from '../state.js';

/**
 * A member of the steering committee proposes, which is its yes at once. The same proposal can't be open
 * twice. Codes: `committee-not-member`, `proposal-kind`, `proposal-malformed`, `proposal-expiry` (past, or
 * more than MAX_PROPOSAL_EPOCHS ahead), `proposal-limit` (MAX_OPEN_PROPOSALS of the member are open),
 * `proposal-repeated`, then those of the kind's rule.
 */
export function propose(state: State, operation: Propose): number {
  const { committee, proposals, epoch } = state;
  const { kind, content: bytes, expiryEpoch } = operation;
  const member = state.accounts.key(state.sender);
  if (!committee.has(member)) return RESULT_CODES['committee-not-member'];
  if (proposalKind(kind) === undefined) return RESULT_CODES['proposal-kind'];
  const content = decodeProposal(kind, bytes);
  if (!content.ok) return RESULT_CODES['proposal-malformed'];
  if (expiryEpoch < epoch || expiryEpoch > epoch + MAX_PROPOSAL_EPOCHS) {
    return RESULT_CODES['proposal-expiry'];
  }
  const open = proposals.inState('open');
  const own = open.filter((number) => equalBytes(proposals.bytes('proposer', number), member));
  if (own.length >= MAX_OPEN_PROPOSALS) return RESULT_CODES['proposal-limit'];
  const same = [...open, ...proposals.inState('adopted')].some(
    (number) => proposals.col.kind[number] === kind && equalBytes(proposals.content(number), bytes),
  );
  if (same) return RESULT_CODES['proposal-repeated'];
  const code = ruleOf(content.value).check(state);
  if (code !== 0) return code;
  const number = proposals.open(kind, bytes, member, epoch, state.round, expiryEpoch);
  proposals.vote(number, member, true, state.round);
  countVotes(state, number);
  return 0;
}
