import type { Store } from '@iotw/kernel/ports/store';
import {
  BLOCK_TABLE,
  type BlockRecord,
  nodeRange,
  readBlockRecord,
  readVoteRecord,
  VOTE_TABLE,
  type VoteRecord,
} from './records.js';

/** What a trust node had on disk: its blocks above the cursor and its votes, in the order of their heights. */
export function restoreTrustNode(
  store: Pick<Store, 'get' | 'range'>,
  index: number,
): { readonly blocks: BlockRecord[]; readonly votes: VoteRecord[] } {
  const blocks: BlockRecord[] = [];
  for (const [, value] of store.range(BLOCK_TABLE, nodeRange(index))) {
    const record = readBlockRecord(store, value);
    if (record !== undefined) blocks.push(record);
  }
  const votes: VoteRecord[] = [];
  for (const [key, value] of store.range(VOTE_TABLE, nodeRange(index))) {
    const record = readVoteRecord(key, value);
    if (record !== undefined) votes.push(record);
  }
  return { blocks, votes };
}
