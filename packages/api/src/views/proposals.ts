import { fail, ok, type Result } from '@iotw/kernel/result';
import type { ProposalRecord } from '@iotw/ledger/tables/proposals';
import { encodeAddress } from '@iotw/protocol/address';
import { parametersToJson } from '@iotw/protocol/genesis-json';
import { proposalToJson } from '@iotw/protocol/proposal-json';
import { proposalKind } from '@iotw/protocol/proposals';
import { resultCodeName } from '@iotw/protocol/result';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { Address, Count, SpecObject } from './forms.js';
import { decodeCursor, encodeCursor, type Page, type PageQuery } from './page.js';

export const ProposalSchema = z
  .object({
    number: Count,
    kind: z.string(),
    content: z.unknown().describe('what it says, by its kind (spec: 14.5)'),
    state: z.enum(['open', 'adopted', 'executed', 'refused', 'expired', 'void']),
    proposer: Address,
    epoch: Count.describe('in which it was made'),
    round: Count,
    expiryEpoch: Count.describe('last epoch in which votes count'),
    decidedRound: Count.nullable(),
    effectiveEpoch: Count.nullable().describe('first epoch that it changes'),
    code: z.string().nullable().describe('why it came to nothing when it was to take effect'),
    yes: Count.describe('of the present members'),
    no: Count,
    threshold: Count,
    votes: z.array(z.object({ member: Address, approve: z.boolean(), round: Count })),
  })
  .meta({ id: 'Proposal' });
export type ProposalView = z.infer<typeof ProposalSchema>;

export const CommitteeSchema = z
  .object({
    threshold: Count.describe('yes votes that adopt a proposal'),
    members: z.array(Address),
    open: z.array(Count).describe('numbers of open proposals'),
    adopted: z.array(Count).describe("those that take effect at this epoch's edge"),
  })
  .meta({ id: 'Committee' });

export const UpcomingParametersSchema = z
  .object({
    items: z
      .array(z.object({ epoch: Count, parameters: SpecObject }))
      .describe('of the running epoch and of those that are frozen'),
  })
  .meta({ id: 'UpcomingParameters' });

export function proposalView(context: ApiContext, record: ProposalRecord): ProposalView {
  const { committee, proposals } = context.backend.ledger;
  const address = (key: Uint8Array) => encodeAddress(context.prefix, 0, key);
  const { yes, no } = proposals.tally(record.number, (key) => committee.has(key));
  return {
    number: record.number,
    kind: proposalKind(record.kind) ?? String(record.kind),
    content: proposalToJson(record.kind, record.content, context.prefix),
    state: record.state,
    proposer: address(record.proposer),
    epoch: record.epoch,
    round: record.round,
    expiryEpoch: record.expiryEpoch,
    decidedRound: record.decidedRound || null,
    effectiveEpoch: record.effectiveEpoch || null,
    code: record.code === 0 ? null : (resultCodeName(record.code) ?? String(record.code)),
    yes,
    no,
    threshold: committee.threshold,
    votes: record.votes.map(({ member, approve, round }) => ({ member: address(member), approve, round })),
  };
}

/** Errors: `proposal-unknown`. */
export function findProposal(context: ApiContext, number: number): Result<ProposalView> {
  const { proposals } = context.backend.ledger;
  const record = proposals.read(number);
  if (record !== undefined) return ok(proposalView(context, record));
  return fail('proposal-unknown', `There are ${proposals.rows} proposals, numbered from 0.`, {
    proposals: proposals.rows,
  });
}

/** Newest first. Errors: `cursor-invalid`. */
export function proposalPage(context: ApiContext, query: PageQuery): Result<Page<ProposalView>> {
  const { proposals } = context.backend.ledger;
  const from = decodeCursor('proposal', query.cursor, proposals.rows);
  if (!from.ok) return from;
  let next = Math.min(from.value, proposals.rows);
  const items: ProposalView[] = [];
  while (next > 0 && items.length < query.limit) items.push(proposalView(context, proposals.read(--next)!));
  return ok({ items, next: next > 0 ? encodeCursor('proposal', next) : null });
}

export function committeeView(context: ApiContext): z.infer<typeof CommitteeSchema> {
  const { committee, proposals } = context.backend.ledger;
  return {
    threshold: committee.threshold,
    members: committee.members().map((key) => encodeAddress(context.prefix, 0, key)),
    open: proposals.inState('open'),
    adopted: proposals.inState('adopted'),
  };
}

/** Parameters of every epoch that is frozen: a vote's changes are seen here before they count. */
export function upcomingParameters(context: ApiContext): z.infer<typeof UpcomingParametersSchema> {
  const { ledger } = context.backend;
  const items = [];
  for (let epoch = ledger.epoch; ; epoch++) {
    const frozen = ledger.frozenPool(epoch);
    if (frozen === undefined) return { items };
    items.push({ epoch, parameters: parametersToJson(frozen.parameters) });
  }
}
