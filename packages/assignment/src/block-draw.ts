import type { BlockHeader } from '@iotw/protocol/header';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import { committeeSize, excludedHost } from './committee.js';
import { RankedDraw } from './draw.js';

/** The ranked list of the block at the header's lane and height, by the snapshot of its epoch (spec: clause 7). */
export function blockDraw(
  snapshot: EpochSnapshot,
  network: Uint8Array,
  { lane, height }: Pick<BlockHeader, 'lane' | 'height'>,
): RankedDraw {
  return new RankedDraw(snapshot, network, lane, height, {
    committeeSize: committeeSize(snapshot.parameters),
    excludeHost: excludedHost(lane, snapshot.trustNodes.length),
  });
}
