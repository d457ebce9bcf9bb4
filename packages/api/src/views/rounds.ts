import { toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { roundHash } from '@iotw/protocol/round';
import { seedOriginName } from '@iotw/protocol/seed-origin';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import type { RoundLayout } from '../round-layout.js';
import { Bytes, Count, Hex32, TimeMs } from './forms.js';
import { decodeCursor, encodeCursor, type Page, type PageQuery } from './page.js';
import { isPruned, pruned } from './pruned.js';

export const RoundSummarySchema = z
  .object({
    number: Count,
    timeMs: TimeMs,
    epoch: Count,
    hash: Hex32,
    blocks: Count,
    transactions: Count,
    failed: Count,
  })
  .meta({ id: 'RoundSummary' });
export type RoundSummary = z.infer<typeof RoundSummarySchema>;

const RoundBlock = z.object({
  lane: Count,
  height: Count,
  hash: Hex32,
  transactions: Count,
  first: Count.describe('position of its first transaction'),
});

export const RoundSchema = RoundSummarySchema.extend({
  version: Count.describe('of the protocol'),
  previous: Hex32,
  seed: Hex32,
  seedSource: z.enum(['genesis', 'vrf', 'threshold', 'public']).describe('what made the seed'),
  seedKey: Bytes.describe('what it is checked by: VRF key, group key, or chain hash and round'),
  poolRoot: Hex32,
  blocksRoot: Hex32,
  resultsRoot: Hex32,
  stateHash: Hex32,
  opensEpoch: z.boolean(),
  signatures: z.array(z.object({ server: Count, signature: Bytes })),
  blockList: z.array(RoundBlock),
}).meta({ id: 'Round' });
export type RoundView = z.infer<typeof RoundSchema>;

const summaries = new WeakMap<RoundLayout, RoundSummary>();

/** The short form, made once per record: every stream shows it. */
export function roundSummary(context: ApiContext, layout: RoundLayout): RoundSummary {
  const known = summaries.get(layout);
  if (known !== undefined) return known;
  const { header, codes } = layout.record;
  let failed = 0;
  for (let at = 0; at < codes.length; at += 2) if (codes[at] !== 0 || codes[at + 1] !== 0) failed++;
  const summary = {
    number: header.number,
    timeMs: header.timeMs,
    epoch: header.epoch,
    hash: toHex(roundHash(context.backend.network, header)),
    blocks: layout.blocks.length,
    transactions: layout.count,
    failed,
  };
  summaries.set(layout, summary);
  return summary;
}

/** Whether the round ended an epoch and opened the next. */
export function opensEpoch(layout: RoundLayout): boolean {
  return layout.record.input.seedProof.length > 0;
}

export function roundView(context: ApiContext, layout: RoundLayout): RoundView {
  const { header, signatures } = layout.record;
  return {
    ...roundSummary(context, layout),
    version: header.version,
    previous: toHex(header.previous),
    seed: toHex(header.seed),
    seedSource: seedOriginName(header.seedSource)!,
    seedKey: toHex(header.seedKey),
    poolRoot: toHex(header.poolRoot),
    blocksRoot: toHex(header.blocksRoot),
    resultsRoot: toHex(header.resultsRoot),
    stateHash: toHex(header.stateHash),
    opensEpoch: opensEpoch(layout),
    signatures: signatures.map(({ server, signature }) => ({ server, signature: toHex(signature) })),
    blockList: layout.blocks.map(({ block, first, count }, i) => ({
      lane: block.header.lane,
      height: block.header.height,
      hash: toHex(layout.hash(context.backend.network, i)),
      transactions: count,
      first,
    })),
  };
}

/** Errors: `round-not-found`, `pruned`. */
export function findRound(context: ApiContext, number: number): Result<RoundLayout> {
  const layout = context.rounds.layout(number);
  if (layout !== undefined) return ok(layout);
  if (isPruned(context, number)) return pruned(context, `Round ${number}`);
  const { latest } = context.rounds;
  return fail('round-not-found', `There is no round ${number}: the newest is ${latest}.`, { latest });
}

/** Rounds, newest first. Errors: `cursor-invalid`. */
export function roundPage(context: ApiContext, query: PageQuery): Result<Page<RoundSummary>> {
  const from = decodeCursor('round', query.cursor, context.rounds.latest);
  if (!from.ok) return from;
  const items: RoundSummary[] = [];
  let number = from.value;
  for (; number > 0 && items.length < query.limit; number--) {
    const layout = context.rounds.layout(number);
    if (layout === undefined) return ok({ items, next: null });
    items.push(roundSummary(context, layout));
  }
  return ok({ items, next: number > 0 ? encodeCursor('round', number) : null });
}
