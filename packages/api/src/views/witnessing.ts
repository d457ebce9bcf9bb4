import { blockDraw } from '@iotw/assignment/block-draw';
import { committeeSize } from '@iotw/assignment/committee';
import type { CertifiedBlock } from '@iotw/protocol/certificate';
import type { PoolDevice } from '@iotw/protocol/pool';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { findEpoch } from './epochs.js';
import { Count } from './forms.js';
import { CountsSchema } from './witness-counts.js';

export const WitnessingSchema = z
  .object({ running: CountsSchema, last: CountsSchema })
  .describe('as lane and as host, in the running epoch and in the one before');

/** What a trust node's certificates and misses come to. */
export function witnessingView(context: ApiContext, node: number): z.infer<typeof WitnessingSchema> {
  const { witnessing, epoch } = context.backend.ledger;
  return { running: witnessing.read(node, epoch), last: witnessing.read(node, epoch - 1) };
}

export const DiversitySchema = z
  .object({ seats: Count, owners: Count, makers: Count, regions: Count, hosts: Count, clouds: Count })
  .describe('distinct values among the paid devices');
type DiversityView = z.infer<typeof DiversitySchema>;

/** Distinct values among devices. */
export function diversityOf(
  context: ApiContext,
  paid: readonly Pick<PoolDevice, 'owner' | 'maker' | 'region' | 'host'>[],
): DiversityView {
  const { cloud } = context.backend.ledger.trustNodes.col;
  const distinct = (of: (device: (typeof paid)[number]) => number) => new Set(paid.map(of)).size;
  return {
    seats: paid.length,
    owners: distinct(({ owner }) => owner),
    makers: distinct(({ maker }) => maker),
    regions: distinct(({ region }) => region),
    hosts: distinct(({ host }) => host),
    clouds: distinct(({ host }) => cloud[host]!),
  };
}

/** The diversity that a block's committee reached; undefined where the pool of its epoch is not kept here. */
export function blockDiversity(
  context: ApiContext,
  { header, certificate }: Pick<CertifiedBlock, 'header' | 'certificate'>,
): DiversityView | undefined {
  const epoch = findEpoch(context, header.epoch);
  if (!epoch.ok) return undefined;
  const ranks = certificate.attestations.map(({ rank }) => rank).sort((a, b) => a - b);
  const draw = blockDraw(epoch.value, context.backend.network, header);
  const paid = ranks.slice(0, committeeSize(epoch.value.parameters)).flatMap((rank) => draw.at(rank) ?? []);
  return diversityOf(context, paid);
}
