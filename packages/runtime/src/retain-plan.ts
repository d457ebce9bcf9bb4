import type { RetainPlan } from '@iotw/adapters/cometbft/comet-engine';
import { readRetain, readRoundHeight } from '@iotw/adapters/cometbft/position';
import type { SnapshotFiles } from '@iotw/adapters/cometbft/snapshot-files';
import type { Store } from '@iotw/kernel/ports/store';
import type { KeptRounds } from './kept-rounds.js';

/**
 * The blocks that CometBFT has to keep: those of the rounds on disk, whose proofs they are, and those behind every snapshot
 * that is given out. All of them where the first round on disk was ordered without CometBFT.
 */
export function retainPlan(
  store: Pick<Store, 'get'>,
  kept: Pick<KeptRounds, 'first'>,
  snapshots: Pick<SnapshotFiles, 'list'> | undefined,
): RetainPlan {
  const heightOfFirst = (): number => readRoundHeight(store, kept.first) ?? 0;
  const needed = (): number =>
    Math.min(heightOfFirst(), ...(snapshots?.list() ?? []).map(({ height }) => height));
  // A state that came by state sync has no blocks before its first round: no step is needed up to there.
  return { told: readRetain(store) || heightOfFirst(), needed };
}
