import { toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { Amount, Count, Hex32 } from './forms.js';
import { WitnessingSchema, witnessingView } from './witnessing.js';

export const LaneSchema = z
  .object({
    lane: Count,
    incarnation: Count,
    height: Count.describe('the cursor: height of the last applied block'),
    hash: Hex32.describe('its hash; zeros before the first'),
    progressRound: Count.describe('round of the last applied block or reset'),
    epochBlocks: Count.describe('blocks applied in the running epoch'),
    epochUnmined: Count.describe('of them without any device'),
    suspended: z.boolean(),
    credit: Amount,
    bond: Amount,
    key: Hex32,
    witnessing: WitnessingSchema,
  })
  .meta({ id: 'Lane' });
export type LaneView = z.infer<typeof LaneSchema>;

/** Errors: `lane-unknown`. */
export function laneView(context: ApiContext, lane: number): Result<LaneView> {
  const { lanes, trustNodes } = context.backend.ledger;
  const record = lanes.read(lane);
  const node = trustNodes.read(lane);
  if (record === undefined || node === undefined) {
    return fail('lane-unknown', `There is no lane ${lane}: the network has ${lanes.rows}, counted from 0.`);
  }
  return ok({
    lane,
    incarnation: record.incarnation,
    height: record.height,
    hash: toHex(record.hash),
    progressRound: record.progressRound,
    epochBlocks: record.blocks,
    epochUnmined: record.unmined,
    suspended: node.suspended,
    credit: node.credit,
    bond: node.bond,
    key: toHex(node.key),
    witnessing: witnessingView(context, lane),
  });
}

export function laneViews(context: ApiContext): LaneView[] {
  return Array.from({ length: context.backend.ledger.lanes.rows }, (_, lane) => {
    const view = laneView(context, lane);
    return view.ok ? view.value : [];
  }).flat();
}
