import { concatBytes, equalBytes, readU16, readU64 } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { merklePath } from '@iotw/kernel/merkle';
import { merkleRangePath } from '@iotw/kernel/merkle-range';
import { resultLeaves } from '@iotw/ledger/results';
import { blockHash } from '@iotw/protocol/header';
import { MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import { ELECTION_MODE } from '@iotw/protocol/parameters';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { PublicBlock, PublicEpoch, PublicRound, PublicSeed } from '@iotw/protocol/public-data';
import { MAX_ROUND_RESULTS } from '@iotw/protocol/result';
import { epochVoteDigest } from '@iotw/protocol/round';
import type { RoundRecord } from './round-record.js';

/** What a ledger server's records give away so that anybody can check them (spec: clause 9.11). */

export function publicRound({ header, signatures }: RoundRecord): PublicRound {
  return { header, signatures };
}

/** The blocks of a round in the order applied; `wanted`: only the one at this place. */
export function publicBlocks(network: Uint8Array, record: RoundRecord, wanted?: number): PublicBlock[] {
  const { input, order } = record;
  const starts: number[] = [];
  let start = 0;
  for (const { header } of input.blocks) {
    starts.push(start);
    start += header.count;
  }
  const places = Array.from({ length: order.length / 2 }, (_, i) => readU16(order, 2 * i));
  const hashes = concatBytes(...places.map((place) => blockHash(network, input.blocks[place]!.header)));
  const ids = concatBytes(
    ...places.map((place) => {
      const at = 32 * starts[place]!;
      return record.ids.subarray(at, at + 32 * input.blocks[place]!.header.count);
    }),
  );
  const codes = Uint16Array.from({ length: ids.length / 32 }, (_, i) => readU16(record.codes, 2 * i));
  const fees = Float64Array.from({ length: codes.length }, (_, i) => readU64(record.fees, 8 * i));
  const leaves = resultLeaves(codes, fees, ids);
  const blocks: PublicBlock[] = [];
  let first = 0;
  for (const [index, place] of places.entries()) {
    const block = input.blocks[place]!;
    const { count } = block.header;
    if (wanted === undefined || wanted === index) {
      blocks.push({
        block,
        round: record.header.number,
        index,
        path: merklePath(hashes, places.length, MAX_ROUND_BLOCKS, index),
        first,
        codes: [...codes.subarray(first, first + count)],
        fees: [...fees.subarray(first, first + count)],
        results: merkleRangePath(leaves, codes.length, MAX_ROUND_RESULTS, first, count),
      });
    }
    first += count;
  }
  return blocks;
}

/** The link of the seed chain that opened an epoch; epoch 0 has none. */
export function publicSeed(epoch: number, opened: RoundRecord | undefined): PublicSeed {
  const proof = opened?.input.seedProof ?? new Uint8Array(0);
  return { epoch, opened: opened?.header.number ?? 0, proof };
}

/**
 * An epoch: its snapshot, the round that opened it (undefined for epoch 0), and the trust nodes' votes found
 * in `voted`. A vote that is doubled, wrong or of another is left out, as the ledger does. `keysAt`: what a trust node
 * may have signed with in a round.
 */
export function publicEpoch(
  network: Uint8Array,
  snapshot: EpochSnapshot,
  opened: RoundRecord | undefined,
  voted: Iterable<RoundRecord>,
  keysAt: (witness: number, round: number) => readonly Uint8Array[],
): PublicEpoch {
  const { epoch, seed, root: poolRoot } = snapshot;
  const votes = new Map<number, Uint8Array>();
  for (const { input, header } of voted) {
    for (const vote of input.epochVotes) {
      if (vote.epoch !== epoch || votes.has(vote.witness)) continue;
      if (!equalBytes(vote.seed, seed) || !equalBytes(vote.poolRoot, poolRoot)) continue;
      const digest = epochVoteDigest(network, vote);
      if (keysAt(vote.witness, header.number).some((key) => verify(vote.signature, digest, key)))
        votes.set(vote.witness, vote.signature);
    }
  }
  return {
    mode: ELECTION_MODE[snapshot.mode],
    seed,
    ...publicSeed(epoch, opened),
    poolRoot,
    pool: snapshot.devices,
    parameters: snapshot.parameters,
    trustNodes: snapshot.trustNodes,
    assigners: snapshot.assigners,
    votes: [...votes].sort(([a], [b]) => a - b).map(([witness, signature]) => ({ witness, signature })),
  };
}
