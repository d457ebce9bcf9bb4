import { readFile } from 'node:fs/promises';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { proposalFromJson } from '@iotw/protocol/proposal-json';
import { PROPOSAL_KIND, type ProposalKind } from '@iotw/protocol/proposals';
import { getCommittee, getProposal, listProposals, type ProposalInfo } from '@iotw/sdk/client/committee';
import { propose, vote } from '@iotw/sdk/transaction/committee-operations';
import type { Answer } from '../output/print.js';
import { formatFields, formatTable } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { act, connection, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

interface CreateOptions extends SubmissionOptions {
  readonly until?: number;
}

interface VoteOptions extends SubmissionOptions {
  readonly yes?: true;
  readonly no?: true;
}

const KINDS = Object.keys(PROPOSAL_KIND) as ProposalKind[];
/** Epochs for which a proposal is open unless told otherwise. */
const DEFAULT_EPOCHS = 1_000;

/** `iotw proposal list|show|committee|create|vote`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb(noun, run, {
    usage: 'list',
    summary: 'proposals to the steering committee, newest first',
    examples: ['iotw proposal list', 'iotw proposal list --json'],
    shared: ['api'],
    run: list,
  });
  addVerb(noun, run, {
    usage: 'show <number>',
    summary: 'one proposal: what it says, how it stands, who voted',
    examples: ['iotw proposal show 3'],
    shared: ['api'],
    run: show,
  });
  addVerb(noun, run, {
    usage: 'committee',
    summary: 'members of the steering committee and their threshold',
    examples: ['iotw proposal committee'],
    shared: ['api'],
    run: committee,
  });
  addVerb<CreateOptions>(noun, run, {
    usage: 'create <kind> <content>',
    summary: "propose as a member, which is the member's yes",
    examples: [
      `iotw proposal create parameters '{"changes":{"electionMode":"uptime"}}' --wallet member`,
      `iotw proposal create trustNodeSuspend '{"index":2}' --until 400 --wallet member`,
      'iotw proposal create trustNodeAdmit @node.json --wallet member',
    ],
    notes: [
      `Kinds: ${KINDS.join(', ')}.`,
      'The content is JSON by the kind (spec/governance.md, 14.5); @file reads it from a file.',
    ],
    shared: ['api'],
    options: [
      {
        flags: '--until <epoch>',
        summary: `last epoch in which votes count (default: ${DEFAULT_EPOCHS} from now)`,
        parse: integer(0, 0xffff_ffff),
      },
      ...SUBMISSION_OPTIONS,
    ],
    run: create,
  });
  addVerb<VoteOptions>(noun, run, {
    usage: 'vote <number>',
    summary: 'vote as a member, once and for good',
    examples: ['iotw proposal vote 3 --yes --wallet member', 'iotw proposal vote 3 --no --wallet member'],
    shared: ['api'],
    options: [
      { flags: '--yes', summary: 'for it' },
      { flags: '--no', summary: 'against it' },
      ...SUBMISSION_OPTIONS,
    ],
    run: castVote,
  });
};

async function list(context: CommandContext): Promise<Result<Answer>> {
  const proposals: ProposalInfo[] = [];
  for await (const proposal of listProposals(connection(context))) {
    if (!proposal.ok) return proposal;
    proposals.push(proposal.value);
  }
  return ok({
    json: { items: proposals },
    text: () =>
      formatTable(
        [
          { name: 'proposal', right: true },
          { name: 'kind' },
          { name: 'state' },
          { name: 'yes', right: true },
          { name: 'no', right: true },
          { name: 'of', right: true },
          { name: 'votes until epoch', right: true },
          { name: 'from epoch', right: true },
        ],
        proposals.map((p) => [
          String(p.number),
          p.kind,
          p.code === null ? p.state : `${p.state} (${p.code})`,
          ...[p.yes, p.no, p.threshold, p.expiryEpoch].map(String),
          String(p.effectiveEpoch ?? ''),
        ]),
      ),
  });
}

function numberOf(text: string | undefined): Result<number> {
  if (text !== undefined && /^[0-9]{1,9}$/.test(text)) return ok(Number(text));
  return fail('proposal-number', 'A proposal is named by its number, counted from 0.');
}

async function show(context: CommandContext, _options: unknown, text?: string): Promise<Result<Answer>> {
  const number = numberOf(text);
  if (!number.ok) return number;
  const proposal = await getProposal(connection(context), number.value);
  if (!proposal.ok) return proposal;
  const p = proposal.value;
  return ok({
    json: p,
    text: () =>
      formatFields([
        ['proposal', `${p.number}, ${p.kind}`],
        ['says', JSON.stringify(p.content)],
        ['state', p.code === null ? p.state : `${p.state}: ${p.code}`],
        ['made', `in epoch ${p.epoch}, round ${p.round}, by ${p.proposer}`],
        [
          'votes',
          `${p.yes} yes, ${p.no} no; ${p.threshold} yes adopt it, until the end of epoch ${p.expiryEpoch}`,
        ],
        ['counts', p.effectiveEpoch === null ? 'not yet' : `from epoch ${p.effectiveEpoch}`],
        ...p.votes.map(
          ({ member, approve, round }) => [approve ? 'yes' : 'no', `${member}, round ${round}`] as const,
        ),
      ]),
  });
}

async function committee(context: CommandContext): Promise<Result<Answer>> {
  const info = await getCommittee(connection(context));
  if (!info.ok) return info;
  const { threshold, members, open, adopted } = info.value;
  return ok({
    json: info.value,
    text: () =>
      formatFields([
        ['threshold', `${threshold} of ${members.length}`],
        ['open', open.join(', ') || 'none'],
        ['adopted', adopted.join(', ') || 'none'],
        ...members.map((member, i) => [`member ${i}`, member] as const),
      ]),
  });
}

async function contentOf(text: string): Promise<Result<unknown>> {
  let content = text;
  if (text.startsWith('@')) {
    const path = text.slice(1);
    try {
      content = await readFile(path, 'utf8');
    } catch (error) {
      const cause = (error as NodeJS.ErrnoException).code ?? String(error);
      return fail('file-unreadable', `${path} can't be read (${cause}): check it.`, { path });
    }
  }
  try {
    return ok(JSON.parse(content));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail('proposal-content', `The content is no JSON: ${why}.`);
  }
}

async function create(
  context: CommandContext,
  options: CreateOptions,
  kind?: string,
  text?: string,
): Promise<Result<Answer>> {
  const known = KINDS.find((name) => name === kind);
  if (known === undefined) {
    return fail('proposal-kind', `There is no kind ${kind}: the kinds are ${KINDS.join(', ')}.`);
  }
  const json = await contentOf(text ?? '');
  if (!json.ok) return json;
  return act(context, options, ({ prefix, info }) => {
    const proposal = proposalFromJson(known, json.value, prefix);
    return proposal.ok
      ? ok([propose(proposal.value, options.until ?? info.epoch + DEFAULT_EPOCHS)])
      : proposal;
  });
}

async function castVote(
  context: CommandContext,
  options: VoteOptions,
  text?: string,
): Promise<Result<Answer>> {
  const number = numberOf(text);
  if (!number.ok) return number;
  if ((options.yes === true) === (options.no === true)) {
    return fail('vote-choice', 'Say either --yes or --no.');
  }
  return act(context, options, () => ok([vote(number.value, options.yes === true)]));
}
