import { equalBytes } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import {
  type IncoherentAttempt,
  MISS_KIND,
  type Miss,
  missDigest,
  type ThresholdMiss,
} from '@iotw/protocol/certificate';
import type { BlockHeader } from '@iotw/protocol/header';
import type { PoolDevice } from '@iotw/protocol/pool';
import type { CertificateContext } from './certificate-context.js';
import { type CertificateFailure, type Refusal, refuse } from './certificate-failure.js';
import { checkSilences } from './certificate-silences.js';
import { attemptRanks, committeeSize } from './committee.js';
import type { RankedDraw } from './draw.js';
import { isAsked } from './people.js';

/** The block whose attempts are judged, and its list of devices. */
export interface AnswerScope {
  readonly context: CertificateContext;
  readonly header: BlockHeader;
  readonly draw: RankedDraw;
}

export interface AnsweredRank {
  readonly rank: number;
  readonly device: PoolDevice;
  readonly attestation: Attestation;
}

/** One attempt's statements, each by who may make it and at its place. */
export interface AttemptAnswers {
  readonly attempt: number;
  /** Ascending by rank. */
  readonly answered: readonly AnsweredRank[];
  /** Hard ones. */
  readonly misses: readonly Miss[];
  /** Ranks passed over for the time being; each is below the cut-off of a full committee. */
  readonly softMisses: readonly Miss[];
  readonly thresholdMisses: readonly ThresholdMiss[];
  /** Ranks with an answer or a miss. */
  readonly ranks: ReadonlySet<number>;
}

/**
 * Reads the answers and misses of one attempt: positions first, then signatures by the pool's keys and
 * the hosts' or witnesses' keys. Errors: `certificate-rank`, `certificate-duplicate`,
 * `certificate-attestation-signature`, `certificate-miss-signature`, `certificate-soft-miss`,
 * `certificate-silences`, `certificate-silence-signature`.
 */
export function readAnswers(
  scope: AnswerScope,
  attempt: Pick<IncoherentAttempt, 'attempt' | 'attestations' | 'misses' | 'thresholdMisses'>,
): Result<AttemptAnswers, CertificateFailure> {
  const { network, checker, trustNodeKeys } = scope.context;
  const ranks = new Set<number>();
  const answered: AnsweredRank[] = [];
  const misses: Miss[] = [];
  const softMisses: Miss[] = [];
  for (const attestation of attempt.attestations) {
    const { rank } = attestation;
    const device = deviceAt(scope, attempt.attempt, attestation);
    if (device === undefined) {
      return refuse(
        'certificate-rank',
        `An answer does not belong at rank ${rank} of attempt ${attempt.attempt}.`,
        { rank },
      );
    }
    if (ranks.has(rank)) return twice(rank);
    ranks.add(rank);
    if (!checker.verify(attestation.signature, attestationDigest(network, attestation), device.key)) {
      return refuse(
        'certificate-attestation-signature',
        `The answer at rank ${rank} is not signed by its device.`,
        { rank },
      );
    }
    answered.push({ rank, device, attestation });
  }
  for (const miss of attempt.misses) {
    const { rank } = miss;
    const device = deviceAt(scope, attempt.attempt, miss);
    if (device === undefined || device.host !== miss.host) {
      return refuse(
        'certificate-rank',
        `A miss does not belong at rank ${rank} of attempt ${attempt.attempt}.`,
        { rank },
      );
    }
    if (ranks.has(rank)) return twice(rank);
    ranks.add(rank);
    const key = trustNodeKeys[miss.host];
    if (key === undefined || !checker.verify(miss.signature, missDigest(network, miss), key)) {
      return refuse(
        'certificate-miss-signature',
        `The miss at rank ${rank} is not signed by the device's host.`,
        { rank },
      );
    }
    if (miss.kind === MISS_KIND.hard) misses.push(miss);
    else if (miss.kind === MISS_KIND.soft) softMisses.push(miss);
    else return refuse('certificate-soft-miss', `The miss at rank ${rank} is of no kind.`, { rank });
  }
  const { lane, incarnation, height } = scope.header;
  for (const miss of attempt.thresholdMisses) {
    const { rank, host } = miss;
    const place = { lane, incarnation, height, attempt: attempt.attempt, rank, device: miss.device };
    const device = deviceAt(scope, attempt.attempt, place);
    if (device === undefined || device.host !== host) {
      return refuse(
        'certificate-rank',
        `A miss by threshold does not belong at rank ${rank} of attempt ${attempt.attempt}.`,
        { rank },
      );
    }
    if (ranks.has(rank)) return twice(rank);
    ranks.add(rank);
    const refused = checkSilences(scope.context, { ...place, host }, miss.statements);
    if (refused !== undefined) return refused;
  }
  answered.sort((a, b) => a.rank - b.rank);
  const misplaced = misplacedSoftMiss(scope, answered, softMisses);
  if (misplaced !== undefined) {
    return refuse(
      'certificate-soft-miss',
      `The soft miss at rank ${misplaced.rank} does not count: it needs a whole committee with an answer above it.`,
      { rank: misplaced.rank },
    );
  }
  const { thresholdMisses } = attempt;
  return ok({ attempt: attempt.attempt, answered, misses, softMisses, thresholdMisses, ranks });
}

/**
 * A soft miss lets the next rank in and does nothing else: below the c-th answer it must stand. So no attempt fails
 * by it, no committee stays smaller, and none is spent where it explains nothing.
 */
function misplacedSoftMiss(
  scope: AnswerScope,
  answered: readonly AnsweredRank[],
  softMisses: readonly Miss[],
): Miss | undefined {
  const last = answered[committeeSize(scope.context.snapshot.parameters) - 1];
  return softMisses.find(({ rank }) => last === undefined || rank > last.rank);
}

function twice(rank: number): Refusal {
  return refuse('certificate-duplicate', `Rank ${rank} has two answers, or an answer and a miss.`, { rank });
}

/** The live device a statement is about, if block, attempt, rank and device are the ones of the draw. */
function deviceAt(
  scope: AnswerScope,
  attempt: number,
  statement: Pick<Miss, 'lane' | 'incarnation' | 'height' | 'attempt' | 'rank' | 'device'>,
): PoolDevice | undefined {
  const { header } = scope;
  const { first, end } = attemptRanks(scope.context.snapshot.parameters, attempt);
  if (
    statement.lane !== header.lane ||
    statement.incarnation !== header.incarnation ||
    statement.height !== header.height ||
    statement.attempt !== attempt ||
    statement.rank < first ||
    statement.rank >= end
  ) {
    return undefined;
  }
  const device = scope.draw.at(statement.rank);
  if (device === undefined || device.device !== statement.device) return undefined;
  return isLive(scope, statement.rank) ? device : undefined;
}

/** The device at the rank was not removed, and is not beyond the seats that people have. */
function isLive({ context, draw, header }: AnswerScope, rank: number): boolean {
  const { snapshot, removed } = context;
  return isAsked(draw, snapshot.parameters, rank, (device) => removed(device, header.refRound));
}

/** All answers are the block's hash and cite it. Error: `certificate-incoherent`. */
export function checkCoherence(answers: AttemptAnswers, hash: Uint8Array): Refusal | undefined {
  const other = answers.answered.find(({ attestation }) => !agrees(attestation, hash));
  if (other === undefined) return undefined;
  return refuse('certificate-incoherent', `The answer at rank ${other.rank} is not the block's hash.`, {
    rank: other.rank,
  });
}

/** The attestation confirms the block: it cites the block's header and hashed to it. */
export function agrees(attestation: Pick<Attestation, 'cited' | 'hash'>, hash: Uint8Array): boolean {
  return equalBytes(attestation.hash, hash) && equalBytes(attestation.cited, hash);
}

/** The c-th lowest answered rank, or the end of the attempt's ranks or of the list where fewer answered. */
export function cutOffRank(scope: AnswerScope, answers: AttemptAnswers): number {
  const { parameters } = scope.context.snapshot;
  const last = answers.answered[committeeSize(parameters) - 1];
  const { end } = attemptRanks(parameters, answers.attempt);
  return Math.min(last === undefined ? end : last.rank, scope.draw.eligible);
}

/**
 * The lowest live rank of the attempt below the cut-off without answer or miss; undefined: none.
 */
export function unexplainedRank(scope: AnswerScope, answers: AttemptAnswers): number | undefined {
  const { first } = attemptRanks(scope.context.snapshot.parameters, answers.attempt);
  const cutOff = cutOffRank(scope, answers);
  for (let rank = first; rank < cutOff; rank++) {
    if (answers.ranks.has(rank)) continue;
    if (isLive(scope, rank)) return rank;
  }
  return undefined;
}
