import { fail, ok, type Result } from '@iotw/kernel/result';
import { publicBlocks, publicEpoch, publicRound, publicSeed } from '@iotw/nodes/ledger-server/public-records';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import { NODE_ROLE } from '@iotw/protocol/operations';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import {
  publicBlockToJson,
  publicEpochToJson,
  publicRoundToJson,
  publicSeedToJson,
} from '@iotw/protocol/public-data';
import type { ApiContext } from '../context.js';
import { PROOF_VOTE_ROUNDS, SEED_PROOFS_PER_CALL } from '../limits.js';
import type { RoundLayout } from '../round-layout.js';
import type { FoundBlock } from './blocks.js';
import { openingOf } from './epoch-openings.js';
import { pruned } from './pruned.js';

/** Records of the epoch's first rounds: its trust nodes vote at once or never count. */
function* roundsFrom(context: ApiContext, first: number, epoch: number): Generator<RoundRecord> {
  for (let number = first; number < first + PROOF_VOTE_ROUNDS; number++) {
    const record = context.rounds.layout(number)?.record;
    if (record === undefined || record.header.epoch > epoch + 1) return;
    yield record;
  }
}

/** All that shows an epoch to be what it is, as public data (spec: clause 9.11). */
export function epochProof(context: ApiContext, snapshot: EpochSnapshot): Record<string, unknown> {
  const { network, ledger } = context.backend;
  const opened = openingOf(context, snapshot.epoch);
  const voted = roundsFrom(context, opened?.number ?? context.backend.kept.first, snapshot.epoch);
  const keysAt = (witness: number, round: number) => ledger.nodeKeys.heldAt(NODE_ROLE.trust, witness, round);
  return publicEpochToJson(publicEpoch(network, snapshot, opened?.record, voted, keysAt));
}

/** Seed proofs of consecutive epochs from `from` on. Errors: `epoch-not-found`, `pruned`. */
export function seedProofs(context: ApiContext, from: number, limit: number): Result<unknown[]> {
  const { epoch: running } = context.backend.ledger;
  const items: unknown[] = [];
  const end = Math.min(from + Math.min(limit, SEED_PROOFS_PER_CALL), running + 1);
  for (let epoch = Math.max(1, from); epoch < end; epoch++) {
    const opened = openingOf(context, epoch);
    if (opened === undefined && epoch <= running && context.backend.kept.first > 1)
      return pruned(context, `The round that opened epoch ${epoch}`);
    if (opened === undefined) {
      return fail('epoch-not-found', `Epoch ${epoch} is not kept here: epoch ${running} is running.`, {
        running,
      });
    }
    items.push(publicSeedToJson(publicSeed(epoch, opened.record)));
  }
  return ok(items);
}

/** The round's header with its signatures, SSZ in hex. */
export function roundProof(layout: RoundLayout): { round: unknown } {
  return { round: publicRoundToJson(publicRound(layout.record)) };
}

/** The block with its place in the round and its results, as public data. */
export function blockProof(context: ApiContext, { layout, index }: FoundBlock): Record<string, unknown> {
  return publicBlockToJson(publicBlocks(context.backend.network, layout.record, index)[0]!);
}
