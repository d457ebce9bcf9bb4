/** Operations of the steering committee's members (spec: clause 14). The sender's account is the member's. */
import { utf8 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Operation } from '@iotw/protocol/operations';
import { ELECTION_MODE, type ElectionMode, type Parameters } from '@iotw/protocol/parameters';
import { encodeProposal, PROPOSAL_KIND, type ProposalContent } from '@iotw/protocol/proposals';

type Named<N extends Operation['type']> = Extract<Operation, { type: N }>;

/** Proposes, which is the member's yes at once; votes count up to the end of `expiryEpoch`. */
export function propose(proposal: ProposalContent, expiryEpoch: number): Named<'propose'> {
  const kind = PROPOSAL_KIND[proposal.kind];
  return { type: 'propose', kind, expiryEpoch, content: encodeProposal(proposal) };
}

/** The member's vote on proposal number `proposal`, once and for good. */
export function vote(proposal: number, approve: boolean): Named<'vote'> {
  return { type: 'vote', proposal, approve: approve ? 1 : 0 };
}

/** New values of parameters, the election mode by its name. Code: `proposal-parameter` (nothing is named). */
export function parameterChanges(
  changes: Partial<Omit<Parameters, 'electionMode'>> & { readonly electionMode?: ElectionMode },
): Result<ProposalContent> {
  const entries = Object.entries(changes).map(([name, value]) => ({
    name: utf8(name),
    value: typeof value === 'string' ? ELECTION_MODE[value] : Number(value),
  }));
  if (entries.length === 0) return fail('proposal-parameter', 'Name at least one parameter to change.');
  return ok({ kind: 'parameters', content: { changes: entries } });
}
