import { chargeSoftMisses } from '@iotw/assignment/soft-misses';
import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { bodyCount } from '@iotw/protocol/body';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { laneResetDigest, RESET_REASON, type RoundInput } from '@iotw/protocol/round';
import { paidHostsOf } from './committee-hosts.js';
import { checkMisbehaviours } from './misbehaviour.js';
import type { PreparedBlock } from './round-outcome.js';
import { seedOf } from './seed-rule.js';
import type { State } from './state.js';
import { EPOCH_SLOTS } from './tables/epochs.js';

/** Where a lane would stand while the round is checked; nothing of the state is written. */
interface Cursor {
  incarnation: number;
  height: number;
  hash: Uint8Array;
  blocks: number;
  unmined: number;
  softDebts: Uint32Array;
}

/**
 * Whether the round may be applied to this state: a pure function of both. Certificates, roots and
 * signatures of transactions are the node's to check before (see PreparedBlock).
 *
 * Errors: `round-number`, `round-time`, `reset-invalid`, `block-lane`, `block-body`, `lane-suspended`,
 * `block-incarnation`, `block-height`, `block-previous`, `block-epoch`, `block-ref-round`,
 * `unmined-quota`, `soft-miss-quota`, those of checkMisbehaviours, `seed-proof-not-due`, `seed-proof-invalid`, `seed-key-missing`.
 */
export function validateRound(
  state: State,
  input: RoundInput,
  blocks: readonly PreparedBlock[],
): Result<void> {
  const { chain } = state;
  if (input.number !== chain.round + 1) {
    return fail('round-number', `The next round is ${chain.round + 1}, this is ${input.number}.`, {
      expected: chain.round + 1,
      number: input.number,
    });
  }
  if (input.timeMs < chain.timeMs) {
    return fail('round-time', `The agreed time ${input.timeMs} lies before ${chain.timeMs}.`, {
      timeMs: input.timeMs,
      previous: chain.timeMs,
    });
  }
  const cursors = new Map<number, Cursor>();
  for (const reset of input.resets) {
    const checked = checkReset(state, input.number, reset, cursors);
    if (!checked.ok) return checked;
  }
  for (const prepared of sortedByHeight(blocks)) {
    const checked = checkBlock(state, prepared, cursors);
    if (!checked.ok) return checked;
  }
  const acts = checkMisbehaviours(state, input);
  return acts.ok ? checkSeedProof(state, input) : acts;
}

/** Blocks by lane, then height; equal heights stay as they came. */
export function sortedByHeight(blocks: readonly PreparedBlock[]): PreparedBlock[] {
  return [...blocks].sort(
    (a, b) => a.block.header.lane - b.block.header.lane || a.block.header.height - b.block.header.height,
  );
}

function cursorOf(state: State, lane: number, cursors: Map<number, Cursor>): Cursor {
  let cursor = cursors.get(lane);
  if (cursor === undefined) {
    const { incarnation, height, hash, blocks, unmined } = state.lanes.read(lane)!;
    const softDebts = state.lanes.softDebts(lane).slice();
    cursor = { incarnation, height, hash, blocks, unmined, softDebts };
    cursors.set(lane, cursor);
  }
  return cursor;
}

function checkReset(
  state: State,
  round: number,
  reset: RoundInput['resets'][number],
  cursors: Map<number, Cursor>,
): Result<void> {
  const invalid = (why: string): Result<never> =>
    fail('reset-invalid', `The reset of lane ${reset.lane} is not good: ${why}.`, { lane: reset.lane });
  const { lane } = reset;
  if (lane >= state.lanes.rows) return invalid('there is no such lane');
  if (cursors.has(lane)) return invalid('this round resets it already');
  const cursor = cursorOf(state, lane, cursors);
  if (reset.incarnation !== cursor.incarnation) {
    return invalid(`the running incarnation is ${cursor.incarnation}`);
  }
  if (reset.reason === RESET_REASON.lane) {
    const digest = laneResetDigest(state.network, reset);
    if (!state.checker.verify(reset.signature, digest, state.trustNodes.key(lane))) {
      return invalid("it is not signed by the lane's trust node");
    }
  } else if (reset.reason === RESET_REASON.stalled) {
    const quiet = round - state.lanes.col.progressRound[lane]!;
    if (quiet < state.parameters.stallRounds) return invalid(`it stalls for ${quiet} rounds only`);
    if (reset.signature.some((byte) => byte !== 0)) return invalid('its signature must be zeros');
  } else {
    return invalid('its reason is unknown');
  }
  cursor.incarnation++;
  return ok(undefined);
}

function checkBlock(state: State, prepared: PreparedBlock, cursors: Map<number, Cursor>): Result<void> {
  const { header, certificate } = prepared.block;
  const { lane, height } = header;
  if (lane >= state.lanes.rows) return fail('block-lane', `There is no lane ${lane}.`, { lane });
  const cursor = cursorOf(state, lane, cursors);
  // Certificates are malleable, so a block may come twice; the second is skipped.
  if (height <= cursor.height) return ok(undefined);
  const data = { lane, height };
  if (state.trustNodes.col.suspended[lane] !== 0) {
    return fail('lane-suspended', `Lane ${lane} is suspended: fund it or have its suspension lifted.`, data);
  }
  if (header.incarnation !== cursor.incarnation) {
    return fail('block-incarnation', `Lane ${lane} runs in incarnation ${cursor.incarnation}.`, data);
  }
  if (height !== cursor.height + 1) {
    return fail('block-height', `Lane ${lane} goes on at height ${cursor.height + 1}.`, data);
  }
  if (!equalBytes(header.previous, cursor.hash)) {
    return fail('block-previous', `Block ${height} of lane ${lane} stands on another block.`, data);
  }
  const place = checkEpoch(state, prepared);
  if (!place.ok) return place;
  if (
    bodyCount(prepared.body) !== header.count ||
    prepared.valid.length !== header.count ||
    prepared.ids.length !== 32 * header.count
  ) {
    return fail('block-body', `The body of block ${height} of lane ${lane} is not the header's.`, data);
  }
  cursor.blocks++;
  if (certificate.mode === CERTIFICATE_MODE.allMissed) {
    cursor.unmined++;
    const allowed = Math.max(1, Math.floor((cursor.blocks * state.parameters.unminedBps) / 10_000));
    if (cursor.unmined > allowed) {
      return fail('unmined-quota', `Lane ${lane} may complete ${allowed} blocks without devices.`, data);
    }
  }
  const { parameters } = state.epochs.snapshot(header.epoch)!;
  const host = chargeSoftMisses(parameters, cursor.softDebts, {
    softMisses: prepared.committee.softMisses,
    paidHosts: paidHostsOf(state, header.epoch, prepared.committee),
  });
  if (host !== undefined) {
    return fail('soft-miss-quota', `Trust node ${host} owes lane ${lane} too many soft misses.`, {
      ...data,
      host,
    });
  }
  cursor.height = height;
  cursor.hash = prepared.hash;
  return ok(undefined);
}

/**
 * The running epoch or the one before; and a refRound between the round that opened it (whoever knows
 * its seed has seen that round) and the last: no lane goes back behind a removal for long.
 */
function checkEpoch(state: State, prepared: PreparedBlock): Result<void> {
  const { epoch, refRound, lane, height } = prepared.block.header;
  const data = { lane, height, epoch, refRound };
  if (epoch !== state.epoch && epoch !== state.epoch - 1) {
    return fail('block-epoch', `Block ${height} of lane ${lane} names epoch ${epoch}: form it again.`, data);
  }
  const opened = state.epochs.col.round[epoch % EPOCH_SLOTS]!;
  if (refRound > state.chain.round || refRound < opened) {
    return fail(
      'block-ref-round',
      `Block ${height} of lane ${lane} refers to round ${refRound}, outside ${opened}..${state.chain.round}.`,
      data,
    );
  }
  return ok(undefined);
}

function checkSeedProof(state: State, input: RoundInput): Result<void> {
  if (input.seedProof.length === 0) return ok(undefined);
  const epoch = state.epoch + 1;
  if (input.timeMs < state.epochs.startMs + state.parameters.epochMs) {
    return fail('seed-proof-not-due', `Epoch ${epoch - 1} is not over yet.`, { epoch });
  }
  const seed = seedOf(state, input.seedProof);
  return seed.ok ? ok(undefined) : seed;
}
