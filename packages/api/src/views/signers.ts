import { ok, type Result } from '@iotw/kernel/result';
import type { Operation } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { decodeEnvelope } from '@iotw/protocol/transaction';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { SIGNER_ROUNDS_PER_CALL } from '../limits.js';
import type { RoundLayout } from '../round-layout.js';
import { Count } from './forms.js';
import { pruned } from './pruned.js';

export const SignerChangesSchema = z
  .object({
    items: z.array(z.object({ round: Count, lane: Count, height: Count })),
    next: Count.nullable().describe('round to go on from, null at the end'),
  })
  .meta({ id: 'SignerChanges' });

const CHANGING: ReadonlySet<Operation['type']> = new Set(['keyRotate', 'propose', 'vote']);

/**
 * Blocks that changed who signs, oldest first, in rounds from `from` on: replaced keys of nodes, and the committee's
 * proposals and votes, which admit and suspend them. Errors: `pruned` (a round is not kept).
 */
export function signerChanges(
  context: ApiContext,
  from: number,
): Result<z.infer<typeof SignerChangesSchema>> {
  const rounds = changingRounds(context).filter((round) => round >= from);
  const items: { round: number; lane: number; height: number }[] = [];
  for (const round of rounds.slice(0, SIGNER_ROUNDS_PER_CALL)) {
    const layout = context.rounds.layout(round);
    if (layout === undefined) return pruned(context, `Round ${round}, which changed who signs,`);
    for (const [index, { block }] of layout.blocks.entries()) {
      if (!changes(layout, index)) continue;
      const { lane, height } = block.header;
      items.push({ round, lane, height });
    }
  }
  return ok({ items, next: rounds[SIGNER_ROUNDS_PER_CALL] ?? null });
}

/** Durable rounds in which the ledger recorded a key, a proposal or a vote, ascending. */
function changingRounds({ backend, rounds }: ApiContext): number[] {
  const { nodeKeys, proposals } = backend.ledger;
  const found = new Set<number>();
  for (let row = 0; row < nodeKeys.rows; row++) found.add(nodeKeys.col.round[row]!);
  for (let row = 0; row < proposals.rows; row++) found.add(proposals.col.round[row]!);
  const { votes } = proposals;
  for (let row = 0; row < votes.rows; row++) found.add(votes.col.round[row]!);
  return [...found].filter((round) => round > 0 && round <= rounds.latest).sort((a, b) => a - b);
}

function changes(layout: RoundLayout, index: number): boolean {
  const { first, count } = layout.blocks[index]!;
  for (let position = first; position < first + count; position++) {
    if (layout.code(position) !== RESULT_CODES.ok) continue;
    const envelope = decodeEnvelope(layout.envelope(position));
    if (envelope.ok && envelope.value.transaction.operations.some(({ type }) => CHANGING.has(type)))
      return true;
  }
  return false;
}
