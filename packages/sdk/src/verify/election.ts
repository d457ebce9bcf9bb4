import { attemptRanks, committeeSize, excludedHost } from '@iotw/assignment/committee';
import { RankedDraw } from '@iotw/assignment/draw';
import { equalBytes } from '@iotw/kernel/bytes';
import type { EpochSnapshot, PoolDevice } from '@iotw/protocol/pool';
import type { RoundHeader, RoundSignature } from '@iotw/protocol/round';
import { type Check, CheckList } from './checks.js';
import { checkPool } from './pool-checks.js';
import { checkRound } from './round-checks.js';
import { followSeeds, type KnownSeed } from './seed-chain.js';
import type { Trust } from './trust.js';

/** An election as someone says it came out, and what there is to show for it. */
export interface ElectionClaim {
  /** Pool and seed of the epoch. */
  readonly snapshot: EpochSnapshot;
  readonly lane: number;
  readonly height: number;
  /** Attempts whose ranks are wanted, from the first; 1 unless given. */
  readonly attempts?: number;
  /** Device numbers by rank, as claimed. */
  readonly ranked?: readonly number[];
  /** A round of the epoch with its ledger servers' signatures. */
  readonly round?: { readonly header: RoundHeader; readonly signatures: readonly RoundSignature[] };
  /** A believed seed of an earlier epoch and the VRF proofs from there. */
  readonly seeds?: { readonly from: KnownSeed; readonly proofs: readonly Uint8Array[] };
}

export interface ElectionReport {
  /** No check failed. */
  readonly genuine: boolean;
  readonly checks: readonly Check[];
  /** The recomputed list, by rank; empty where the pool is not good. */
  readonly ranked: readonly PoolDevice[];
  /** Devices that the lane may ask at all. */
  readonly eligible: number;
}

/** Attempts that one call recomputes at most. */
export const MAX_ELECTION_ATTEMPTS = 256;

/**
 * Recomputes an election (spec: clauses 6 and 7) from pool and seed: `round-signatures` (where a round is
 * given), `pool-root`, `pool-mode`, `pool-anchor`, `seed-chain`, `draw` (the claimed ranks). Who was
 * removed since the freeze is skipped later, never redrawn, so it does not matter here.
 */
export function verifyElection(claim: ElectionClaim, trust: Trust): ElectionReport {
  const list = new CheckList();
  const { snapshot, lane, height, round } = claim;
  const signed = round !== undefined && checkRound(list, trust, round.header, round.signatures);
  const pooled = checkPool(list, trust, snapshot, signed ? [round.header] : []);
  checkSeeds(list, claim, trust);
  if (!pooled) {
    list.unchecked('draw', 'The pool is not good, so nothing was drawn from it.');
    return { genuine: false, checks: list.checks, ranked: [], eligible: 0 };
  }
  const draw = new RankedDraw(snapshot, trust.network, lane, height, {
    committeeSize: committeeSize(snapshot.parameters),
    excludeHost: excludedHost(lane, snapshot.trustNodes.length),
  });
  const attempts = Math.min(Math.max(1, claim.attempts ?? 1), MAX_ELECTION_ATTEMPTS);
  const { end } = attemptRanks(snapshot.parameters, attempts - 1);
  const wanted = Math.min(draw.eligible, Math.max(end, claim.ranked?.length ?? 0));
  const ranked = Array.from({ length: wanted }, (_, rank) => draw.at(rank)!);
  checkRanked(list, claim, ranked);
  return { genuine: list.sound(), checks: list.checks, ranked, eligible: draw.eligible };
}

function checkSeeds(list: CheckList, claim: ElectionClaim, trust: Trust): void {
  const { snapshot, seeds } = claim;
  const name = 'seed-chain';
  if (seeds === undefined) {
    list.unchecked(name, 'No VRF proofs were given.');
    return;
  }
  const reached = followSeeds(trust.network, trust.vrfKeys ?? [], seeds.from, seeds.proofs);
  if (!reached.ok) {
    list.reject(name, reached.error.message, reached.error.code);
    return;
  }
  list.test(
    name,
    reached.value.epoch === snapshot.epoch && equalBytes(reached.value.seed, snapshot.seed),
    `${seeds.proofs.length} VRF proofs lead from epoch ${seeds.from.epoch} to this seed.`,
    `The VRF proofs lead to another seed, or to epoch ${reached.value.epoch} and not ${snapshot.epoch}.`,
  );
}

function checkRanked(list: CheckList, claim: ElectionClaim, ranked: readonly PoolDevice[]): void {
  const claimed = claim.ranked;
  if (claimed === undefined) {
    list.unchecked('draw', 'No ranks were claimed: compare the recomputed ones.');
    return;
  }
  const wrong = claimed.findIndex((device, rank) => ranked[rank]?.device !== device);
  list.test(
    'draw',
    wrong === -1,
    `The ${claimed.length} claimed ranks are those of the draw.`,
    `Rank ${wrong} belongs to device ${ranked[wrong]?.device ?? 'nobody'}, not ${claimed[wrong]}.`,
  );
}
