import { ok, type Result } from '@iotw/kernel/result';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { positionOf, roundOf } from '../index-store/location.js';
import { Count } from './forms.js';
import { decodeCursor, encodeCursor, type PageQuery } from './page.js';

export const DeviceBlocksSchema = z
  .object({
    items: z.array(z.object({ round: Count, lane: Count, height: Count })),
    next: z.string().nullable().describe('cursor of the next page, null at the end'),
    index: z.object({
      state: z.enum(['current', 'behind', 'failed']),
      first: Count.describe('the list begins with this round: what was before it is not kept'),
      round: Count.describe('the list is complete up to this round'),
      latest: Count,
    }),
  })
  .meta({ id: 'DeviceBlocks' });

/**
 * Blocks that hold something a device signed as a witness, newest first: an answer in the certificate or in an attempt
 * that failed, or one that a transaction showed. Errors: `cursor-invalid`.
 */
export function deviceBlocks(
  context: ApiContext,
  device: number,
  query: PageQuery,
): Result<z.infer<typeof DeviceBlocksSchema>> {
  const before = decodeCursor('witness', query.cursor, Number.MAX_SAFE_INTEGER);
  if (!before.ok) return before;
  const locations = context.index.device(device, before.value, query.limit + 1);
  const page = locations.slice(0, query.limit);
  const items = [...new Set(page)].flatMap((location) => {
    const block = context.rounds.layout(roundOf(location))?.blocks[positionOf(location)];
    if (block === undefined) return [];
    const { lane, height } = block.block.header;
    return [{ round: roundOf(location), lane, height }];
  });
  const { state, first, round, latest } = context.index.status;
  return ok({
    items,
    next: locations.length > query.limit ? encodeCursor('witness', page.at(-1)!) : null,
    index: { state, first, round, latest },
  });
}
