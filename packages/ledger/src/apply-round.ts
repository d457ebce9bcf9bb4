import { assert } from '@iotw/kernel/assert';
import { compareBytes, concatBytes, equalBytes, writeU16, writeU64 } from '@iotw/kernel/bytes';
import { merkleRoot } from '@iotw/kernel/merkle';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from '@iotw/protocol/domains';
import { MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import { epochVoteDigest, type RoundHeader, type RoundInput, roundHash } from '@iotw/protocol/round';
import type { TransactionApplier } from './apply-transaction.js';
import { applyBeaconMessages } from './beacon-ceremony.js';
import { applyCertificate } from './certificate-effects.js';
import { crossEpochEdge } from './epoch-edge.js';
import { recordMisbehaviours } from './misbehaviour.js';
import { resultsRoot } from './results.js';
import { roundChanges } from './round-changes.js';
import type { PreparedBlock, RoundOutcome } from './round-outcome.js';
import { nextOrigin, nextSeed, seedOf } from './seed-rule.js';
import type { State } from './state.js';
import { edgeStateHash, stateHashAfter } from './state-hash.js';
import { sortedByHeight } from './validate-round.js';

/**
 * Applies a round that validateRound found good: resets, blocks by lane order and height, epoch votes,
 * words of a key ceremony, acts that the engine proved, the epoch's edge. Supply is asserted at its end; at an edge it is counted afresh.
 */
export function applyRound(
  state: State,
  applier: TransactionApplier,
  input: RoundInput,
  blocks: readonly PreparedBlock[],
): RoundOutcome {
  assert(input.number === state.chain.round + 1, 'rounds are applied one after another');
  state.beginRound(input.number, input.timeMs);
  // By the state before the round, as it was validated: the round may change what opens the epoch after.
  const seed = input.seedProof.length > 0 ? seedOf(state, input.seedProof) : undefined;
  const origin = nextOrigin(state);
  const next = nextSeed(state);
  // What a vote sets at this round's edge holds from the next round on.
  const { version } = state.upgrades;
  const heldBefore = state.rewards.pool + state.trustNodes.total();

  for (const reset of input.resets) {
    state.lanes.add('incarnation', reset.lane, 1);
    state.lanes.set('progressRound', reset.lane, state.round);
    state.changes.lanes.add(reset.lane);
  }
  const { applied, skipped } = chooseBlocks(state, blocks);
  const results = applyBlocks(state, applier, applied);
  for (const vote of input.epochVotes) countEpochVote(state, vote);
  state.stakes.observe(state.accounts);
  applyBeaconMessages(state, input.beacon);
  recordMisbehaviours(state, input.misbehaviours);
  assert(seed === undefined || seed.ok, 'the round was validated');
  if (seed !== undefined && next.source === 'vrf') state.ledgerServers.tookPart(next.server);
  const crossed = seed?.ok ? crossEpochEdge(state, seed.value, origin) : undefined;

  assertSupply(state, heldBefore, crossed);
  const { header, stateBefore, stateRoot } = closeRound(
    state,
    version,
    applied,
    results,
    crossed !== undefined,
  );
  const outcome = {
    header,
    hash: state.chain.bytes('hash', 0),
    applied,
    skipped,
    ...results,
    changes: roundChanges(state),
  };
  if (crossed === undefined || stateRoot === undefined) return outcome;
  return { ...outcome, edge: { ...crossed, stateBefore, stateRoot } };
}

/** Lanes ordered by H(seed, round, lane), heights ascending; what stands at or below a cursor is skipped. */
function chooseBlocks(
  state: State,
  blocks: readonly PreparedBlock[],
): { applied: PreparedBlock[]; skipped: PreparedBlock[] } {
  const skipped: PreparedBlock[] = [];
  const lanes = new Map<number, PreparedBlock[]>();
  const heights = new Map<number, number>();
  for (const prepared of sortedByHeight(blocks)) {
    const { lane, height } = prepared.block.header;
    if (height <= (heights.get(lane) ?? state.lanes.col.height[lane]!)) {
      skipped.push(prepared);
      continue;
    }
    heights.set(lane, height);
    const chosen = lanes.get(lane);
    if (chosen === undefined) lanes.set(lane, [prepared]);
    else chosen.push(prepared);
  }
  const order = [...lanes].map(([lane, chosen]) => ({ key: laneOrder(state, lane), chosen }));
  order.sort((a, b) => compareBytes(a.key, b.key));
  return { applied: order.flatMap(({ chosen }) => chosen), skipped };
}

/** No lane knows its place in a round before the round is made. */
function laneOrder(state: State, lane: number): Uint8Array {
  const place = new Uint8Array(10);
  writeU64(place, 0, state.round);
  writeU16(place, 8, lane);
  return signingDigest(DOMAIN.order, state.network, concatBytes(state.epochs.seed, place));
}

interface Results {
  readonly codes: Uint16Array;
  readonly fees: Float64Array;
  readonly ids: Uint8Array;
  readonly firstResult: Uint32Array;
}

function applyBlocks(state: State, applier: TransactionApplier, applied: readonly PreparedBlock[]): Results {
  let total = 0;
  for (const { valid } of applied) total += valid.length;
  const codes = new Uint16Array(total);
  const fees = new Float64Array(total);
  const ids = new Uint8Array(32 * total);
  const firstResult = new Uint32Array(applied.length);
  let next = 0;
  for (let i = 0; i < applied.length; i++) {
    const prepared = applied[i]!;
    firstResult[i] = next;
    ids.set(prepared.ids, 32 * next);
    applyBlock(state, applier, prepared, codes, fees, ids, next);
    next += prepared.valid.length;
  }
  return { codes, fees, ids, firstResult };
}

function applyBlock(
  state: State,
  applier: TransactionApplier,
  prepared: PreparedBlock,
  codes: Uint16Array,
  fees: Float64Array,
  ids: Uint8Array,
  first: number,
): void {
  const { header } = prepared.block;
  const { lane } = header;
  const { lanes } = state;
  assert(
    header.height === lanes.col.height[lane]! + 1 && header.incarnation === lanes.col.incarnation[lane],
    'the round was validated',
  );
  const { bytes, offsets } = prepared.body;
  const { valid } = prepared;
  for (let i = 0; i < valid.length; i++) {
    const at = 32 * (first + i);
    applier.apply(bytes, offsets[i]!, offsets[i + 1]!, lane, valid[i] === 1, ids, at, 32 * first);
    codes[first + i] = applier.code;
    fees[first + i] = applier.fee;
  }
  applyCertificate(state, prepared);
  lanes.set('height', lane, header.height);
  lanes.setBytes('hash', lane, prepared.hash);
  lanes.set('progressRound', lane, state.round);
  state.changes.lanes.add(lane);
}

/** A vote that is late, doubled or not good changes nothing: it never voids a round. */
function countEpochVote(state: State, vote: RoundInput['epochVotes'][number]): void {
  const snapshot = state.epochs.snapshot(vote.epoch);
  if (snapshot === undefined || vote.witness >= state.trustNodes.rows) return;
  if (!equalBytes(vote.seed, snapshot.seed) || !equalBytes(vote.poolRoot, snapshot.root)) return;
  const digest = epochVoteDigest(state.network, vote);
  if (!state.checker.verify(vote.signature, digest, state.trustNodes.key(vote.witness))) return;
  state.epochs.vote(vote.epoch, vote.witness);
}

/**
 * What accounts won, pool, credits and bonds lost. Increases and decreases each sum to less than the
 * supply, so every partial sum is an exact integer.
 */
function assertSupply(state: State, heldBefore: number, edge: object | undefined): void {
  const held = state.rewards.pool + state.trustNodes.total();
  assert(state.accounts.roundChange() + (held - heldBefore) === 0, 'the round keeps the supply');
  if (edge !== undefined) {
    assert(state.countSupply() === state.chain.supply, 'the supply is that of the genesis');
  }
}

interface Closed {
  readonly header: RoundHeader;
  /** The state hash without the state root; that root, at an epoch's edge. */
  readonly stateBefore: Uint8Array;
  readonly stateRoot: Uint8Array | undefined;
}

function closeRound(
  state: State,
  version: number,
  applied: readonly PreparedBlock[],
  results: Results,
  isEdge: boolean,
): Closed {
  const { chain, epochs } = state;
  const root = resultsRoot(results.codes, results.fees, results.ids);
  const stateBefore = stateHashAfter(state, root);
  // The accounts say which of their pages changed when their round ends.
  for (const table of state.tables) table.endRound();
  const stateRoot = isEdge ? state.roots.root() : undefined;
  const stateHash =
    stateRoot === undefined ? stateBefore : edgeStateHash(state.network, stateBefore, stateRoot);
  const header: RoundHeader = {
    version,
    number: state.round,
    timeMs: state.timeMs,
    epoch: state.epoch,
    previous: chain.bytes('hash', 0),
    seed: epochs.seed,
    ...epochs.origin,
    poolRoot: epochs.snapshot(state.epoch)!.root,
    blocksRoot: merkleRoot(concatBytes(...applied.map((b) => b.hash)), applied.length, MAX_ROUND_BLOCKS),
    resultsRoot: root,
    stateHash,
  };
  chain.set('round', 0, state.round);
  chain.set('timeMs', 0, state.timeMs);
  chain.setBytes('hash', 0, roundHash(state.network, header));
  chain.setBytes('stateHash', 0, stateHash);
  chain.endRound();
  return { header, stateBefore, stateRoot };
}
