import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { certificateToJson, headerToJson } from '@iotw/protocol/receipt-json';
import { roundHash } from '@iotw/protocol/round';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { positionOf, ROUND_ITSELF, roundOf } from '../index-store/location.js';
import type { RoundLayout } from '../round-layout.js';
import { Amount, Bytes, Count, Hex32, SpecObject, TimeMs } from './forms.js';
import { pruned } from './pruned.js';
import { codeName, notFound } from './transactions.js';
import { blockDiversity, DiversitySchema } from './witnessing.js';

export const BlockSchema = z
  .object({
    hash: Hex32,
    round: Count,
    index: Count.describe('place among the blocks of the round'),
    timeMs: TimeMs.describe('agreed time of the round'),
    header: SpecObject,
    signature: Bytes,
    certificate: SpecObject,
    diversity: DiversitySchema.nullable().describe(
      'of the paid devices; null where the pool of its epoch is not kept',
    ),
    transactions: z.array(z.object({ id: Hex32, code: z.string(), fee: Amount, position: Count })),
  })
  .meta({ id: 'Block' });
export type BlockView = z.infer<typeof BlockSchema>;

export function blockView(context: ApiContext, layout: RoundLayout, index: number): BlockView {
  const { block, first, count } = layout.blocks[index]!;
  return {
    hash: toHex(layout.hash(context.backend.network, index)),
    round: layout.number,
    index,
    timeMs: layout.record.header.timeMs,
    header: headerToJson(block.header),
    signature: toHex(block.signature),
    certificate: certificateToJson(block.certificate),
    diversity: blockDiversity(context, block) ?? null,
    transactions: Array.from({ length: count }, (_, i) => ({
      id: toHex(layout.id(first + i)),
      code: codeName(layout.code(first + i)),
      fee: layout.fee(first + i),
      position: first + i,
    })),
  };
}

export interface FoundBlock {
  readonly layout: RoundLayout;
  readonly index: number;
}

/** Errors: `block-not-found`, `index-behind`, `pruned`. */
export function findBlock(context: ApiContext, lane: number, height: number): Result<FoundBlock> {
  for (const layout of context.rounds.newestAbove(context.index.status.round)) {
    const index = layout.blocks.findIndex(
      ({ block: { header } }) => header.lane === lane && header.height === height,
    );
    if (index >= 0) return ok({ layout, index });
  }
  const location = context.index.height(lane, height);
  const layout = location === undefined ? undefined : context.rounds.layout(roundOf(location));
  if (layout !== undefined) return ok({ layout, index: positionOf(location!) });
  const missing = notFound(
    context,
    fail('block-not-found', `Lane ${lane} has no block ${height}: see /v1/lanes/${lane}.`),
  );
  // Every height of a lane up to its cursor was in a round.
  const { ledger, kept } = context.backend;
  const was = height >= 1 && height <= (ledger.lanes.read(lane)?.height ?? 0) && kept.first > 1;
  const known = !missing.ok && missing.error.code === 'block-not-found';
  return was && known ? pruned(context, `Block ${height} of lane ${lane}`) : missing;
}

/** A block by its hash. Errors: `block-not-found`, `index-behind`. */
export function findBlockByHash(context: ApiContext, hash: Uint8Array): Result<FoundBlock> {
  const { network } = context.backend;
  for (const layout of context.rounds.newestAbove(context.index.status.round)) {
    const index = layout.blocks.findIndex((_, i) => equalBytes(layout.hash(network, i), hash));
    if (index >= 0) return ok({ layout, index });
  }
  for (const location of context.index.hash(hash)) {
    const layout = context.rounds.layout(roundOf(location));
    const index = positionOf(location);
    if (layout === undefined || index >= layout.blocks.length) continue;
    if (equalBytes(layout.hash(network, index), hash)) return ok({ layout, index });
  }
  return notFound(context, fail('block-not-found', `No round holds a block with the hash ${toHex(hash)}.`));
}

/** Number of the round with that hash. */
export function findRoundByHash(context: ApiContext, hash: Uint8Array): number | undefined {
  const { network } = context.backend;
  for (const { number, record } of context.rounds.newestAbove(context.index.status.round)) {
    if (equalBytes(roundHash(network, record.header), hash)) return number;
  }
  for (const location of context.index.hash(hash)) {
    if (positionOf(location) !== ROUND_ITSELF) continue;
    const layout = context.rounds.layout(roundOf(location));
    if (layout !== undefined && equalBytes(roundHash(network, layout.record.header), hash)) {
      return layout.number;
    }
  }
  return undefined;
}
