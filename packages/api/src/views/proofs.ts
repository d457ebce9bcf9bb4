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

/** Opening rounds by epoch, as far as they were looked up: an epoch has one for ever. */
const openings = new WeakMap<ApiContext['rounds'], Map<number, number>>();

/** The round that opened an epoch, by binary search over the rounds; undefined for epoch 0 and where it is not kept. */
function openingOf(context: ApiContext, epoch: number): RoundLayout | undefined {
  if (epoch === 0) return undefined;
  let known = openings.get(context.rounds);
  if (known === undefined) {
    known = new Map();
    openings.set(context.rounds, known);
  }
  const number = known.get(epoch);
  if (number !== undefined) return context.rounds.layout(number);
  let low = 1;
  let high = context.rounds.latest;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const layout = context.rounds.layout(middle);
    if (layout === undefined || layout.record.header.epoch < epoch) low = middle + 1;
    else high = middle;
  }
  const found = context.rounds.layout(low);
  if (found?.record.header.epoch !== epoch) return undefined;
  known.set(epoch, low);
  return found;
}

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
  const voted = roundsFrom(context, opened?.number ?? 1, snapshot.epoch);
  const keysAt = (witness: number, round: number) => ledger.nodeKeys.heldAt(NODE_ROLE.trust, witness, round);
  return publicEpochToJson(publicEpoch(network, snapshot, opened?.record, voted, keysAt));
}

/** Seed proofs of consecutive epochs from `from` on. Errors: `epoch-not-found`. */
export function seedProofs(context: ApiContext, from: number, limit: number): Result<unknown[]> {
  const { epoch: running } = context.backend.ledger;
  const items: unknown[] = [];
  const end = Math.min(from + Math.min(limit, SEED_PROOFS_PER_CALL), running + 1);
  for (let epoch = Math.max(1, from); epoch < end; epoch++) {
    const opened = openingOf(context, epoch);
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
