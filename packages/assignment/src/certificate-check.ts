import { ok, type Result } from '@iotw/kernel/result';
import type { Attestation } from '@iotw/protocol/attestation';
import {
  CERTIFICATE_MODE,
  type CertifiedBlock,
  type IncoherentAttempt,
  type Miss,
  type ThresholdMiss,
} from '@iotw/protocol/certificate';
import { blockDraw } from './block-draw.js';
import {
  type AnswerScope,
  type AttemptAnswers,
  checkCoherence,
  cutOffRank,
  readAnswers,
  unexplainedRank,
} from './certificate-answers.js';
import { checkAssigned, selfAssigned } from './certificate-assigned.js';
import type { CertificateContext } from './certificate-context.js';
import { checkFailedAttempts, type FailedAttempts } from './certificate-failed-attempts.js';
import { type CertificateFailure, refuse } from './certificate-failure.js';
import { checkLaneSignature, checkVotes, votersOf } from './certificate-signers.js';
import { type CommitteeRole, committeeSize, excludedHost, roleOf } from './committee.js';
import { isPerson } from './people.js';

export type { CertificateContext } from './certificate-context.js';

export interface CommitteeMember {
  readonly device: number;
  readonly rank: number;
  readonly role: CommitteeRole;
  readonly attestation: Attestation;
}

/** Distinct values among the paid devices of a block. */
export interface Diversity {
  readonly owners: number;
  readonly makers: number;
  readonly regions: number;
  readonly hosts: number;
}

/** An attempt every live rank of which below `cutOff` had to answer or be explained by a miss. */
export interface PassedOverAttempt {
  readonly attempt: number;
  readonly cutOff: number;
  /** Ranks that answered, or gave up their place by a soft miss: they are owed nothing more. */
  readonly settled: readonly number[];
}

/** What a valid certificate says. */
export interface CertifiedCommittee {
  readonly mode: (typeof CERTIFICATE_MODE)[keyof typeof CERTIFICATE_MODE];
  /** The lowest ranks that answered, at most the committee's size, ascending; empty without devices. */
  readonly paid: readonly CommitteeMember[];
  /** Answers beyond the paid ones, ascending by rank. */
  readonly extra: readonly Attestation[];
  /** Every hard miss its device's host signed, failed attempts included. */
  readonly misses: readonly Miss[];
  /** Ranks of the certified attempt whose place the next one took before their time was over. */
  readonly softMisses: readonly Miss[];
  /** Ranks passed over because their host was silent to the trust-node threshold, failed attempts included. */
  readonly thresholdMisses: readonly ThresholdMiss[];
  /** Failed attempts whose answers disagree with the block. */
  readonly incoherent: readonly IncoherentAttempt[];
  readonly diversity: Diversity;
  /** Attempts that the lane's trust node assigned itself although the epoch names another assigner. */
  readonly selfAssigned: number;
  /** Attempts that passed over ranks by misses, with the ranks that answered. */
  readonly passedOver: readonly PassedOverAttempt[];
}

/**
 * Whether a block's certificate is valid (spec: clauses 7 to 9) and who is paid for it. `hash` is the
 * block hash, computed by the caller from the header; the body is not looked at.
 *
 * A device certificate holds at least one answer; all are coherent; every live rank of its attempt below
 * the cut-off has an answer, or a miss signed by the device's host or by the trust-node threshold; soft misses
 * stand below the last answer of a whole committee. The cut-off is the c-th lowest answered
 * rank, or the end of the attempt's ranks (or of the list) if fewer answered. Removed devices are skipped.
 * Every earlier attempt is attached, with answers that disagree or with a miss for each of its live ranks.
 *
 * Errors: the `certificate-*` codes of certificate-failure.ts. A pure function of its arguments; the
 * checker only remembers valid signatures.
 */
export function checkCertificate(
  context: CertificateContext,
  block: CertifiedBlock,
  hash: Uint8Array,
): Result<CertifiedCommittee, CertificateFailure> {
  const { header, certificate } = block;
  if (header.epoch !== context.snapshot.epoch) {
    return refuse(
      'certificate-epoch',
      `The block belongs to epoch ${header.epoch}, the pool to ${context.snapshot.epoch}.`,
    );
  }
  const signers =
    checkLaneSignature(context, block, hash) ??
    checkVotes(voters(context), block, hash) ??
    checkAssigned(context, block, hash);
  if (signers !== undefined) return signers;

  const draw = blockDraw(context.snapshot, context.network, header);
  const scope = { context, header, draw };
  const failed = checkFailedAttempts(scope, certificate, hash);
  if (!failed.ok) return failed;
  const answers = readAnswers(scope, certificate);
  if (!answers.ok) return answers;
  const refused = checkMode(context, block, answers.value) ?? checkCoherence(answers.value, hash);
  if (refused !== undefined) return refused;
  if (certificate.mode !== CERTIFICATE_MODE.noDevices) {
    const rank = unexplainedRank(scope, answers.value);
    if (rank !== undefined) {
      return refuse('certificate-miss-missing', `Rank ${rank} was passed over without a miss.`, { rank });
    }
  }
  const committee = committeeOf(scope, certificate.mode, answers.value, failed.value);
  return ok({ ...committee, selfAssigned: selfAssigned(context, block) });
}

/** The keys of the trust nodes whose votes count in the snapshot's epoch. */
function voters(context: CertificateContext): Parameters<typeof checkVotes>[0] {
  const { network, checker, snapshot, trustNodeKeys } = context;
  const voters = votersOf({ snapshot, trustNodeKeys });
  return { network, checker, voters };
}

function checkMode(context: CertificateContext, block: CertifiedBlock, answers: AttemptAnswers) {
  const { header, certificate } = block;
  const { mode } = certificate;
  const answered = answers.answered.length;
  if (mode === CERTIFICATE_MODE.devices) {
    return answered > 0 ? undefined : refuse('certificate-mode', 'A device certificate holds no answer.');
  }
  if (mode === CERTIFICATE_MODE.allMissed) {
    return answered === 0
      ? undefined
      : refuse('certificate-mode', 'A certificate that says everybody missed holds an answer.');
  }
  if (mode !== CERTIFICATE_MODE.noDevices)
    return refuse('certificate-mode', `Certificate mode ${mode} is unknown.`);
  if (certificate.attempt !== 0 || answered > 0 || answers.ranks.size > 0) {
    return refuse('certificate-mode', 'A certificate that says there are no devices names some.');
  }
  const outside = excludedHost(header.lane, context.snapshot.trustNodes.length);
  const people = context.snapshot.parameters.userSeats > 0;
  const live = context.snapshot.devices.find(
    (device) =>
      device.host !== outside &&
      (people || !isPerson(device)) &&
      !context.removed(device.device, header.refRound),
  );
  if (live === undefined) return undefined;
  return refuse('certificate-mode', `The pool has devices this lane may ask, such as ${live.device}.`, {
    device: live.device,
  });
}

function committeeOf(
  scope: AnswerScope,
  mode: number,
  answers: AttemptAnswers,
  failed: FailedAttempts,
): Omit<CertifiedCommittee, 'selfAssigned'> {
  const { parameters } = scope.context.snapshot;
  const size = committeeSize(parameters);
  const lowest = answers.answered.slice(0, size);
  return {
    mode: mode as CertifiedCommittee['mode'],
    paid: lowest.map(({ rank, device, attestation }, i) => ({
      device: device.device,
      rank,
      role: roleOf(parameters, i),
      attestation,
    })),
    extra: answers.answered.slice(size).map(({ attestation }) => attestation),
    misses: failed.misses.length === 0 ? answers.misses : [...failed.misses, ...answers.misses],
    softMisses: answers.softMisses,
    thresholdMisses: [...failed.thresholdMisses, ...answers.thresholdMisses],
    incoherent: failed.incoherent,
    diversity: {
      owners: new Set(lowest.map(({ device }) => device.owner)).size,
      makers: new Set(lowest.map(({ device }) => device.maker)).size,
      regions: new Set(lowest.map(({ device }) => device.region)).size,
      hosts: new Set(lowest.map(({ device }) => device.host)).size,
    },
    passedOver: [...failed.silent, answers]
      .filter(({ misses, thresholdMisses }) => misses.length + thresholdMisses.length > 0)
      .map((attempt) => ({
        attempt: attempt.attempt,
        cutOff: cutOffRank(scope, attempt),
        settled: [...attempt.answered, ...attempt.softMisses].map(({ rank }) => rank),
      })),
  };
}
