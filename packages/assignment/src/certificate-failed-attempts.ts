import { ok, type Result } from '@iotw/kernel/result';
import type { Certificate, IncoherentAttempt, Miss, ThresholdMiss } from '@iotw/protocol/certificate';
import {
  type AnswerScope,
  type AttemptAnswers,
  agrees,
  readAnswers,
  unexplainedRank,
} from './certificate-answers.js';
import { type CertificateFailure, refuse } from './certificate-failure.js';

export interface FailedAttempts {
  /** Those whose answers disagree with the block. */
  readonly incoherent: readonly IncoherentAttempt[];
  /** Those in which nobody answered. */
  readonly silent: readonly AttemptAnswers[];
  readonly misses: readonly Miss[];
  readonly thresholdMisses: readonly ThresholdMiss[];
}

/**
 * A certificate attaches every attempt before its own, ascending from 0, and each shows why it failed: an
 * answer that is not the block's hash, or a miss for every live rank. Otherwise a lane could go on to the
 * attempt whose committee it likes best. Errors: `certificate-attempt`, `certificate-soft-miss` and those of `readAnswers`.
 */
export function checkFailedAttempts(
  scope: AnswerScope,
  certificate: Pick<Certificate, 'attempt' | 'incoherent'>,
  hash: Uint8Array,
): Result<FailedAttempts, CertificateFailure> {
  if (certificate.incoherent.length !== certificate.attempt) {
    return refuse(
      'certificate-attempt',
      `Attempt ${certificate.attempt} attaches ${certificate.incoherent.length} failed attempts: attach each one before it.`,
    );
  }
  const incoherent: IncoherentAttempt[] = [];
  const silent: AttemptAnswers[] = [];
  const misses: Miss[] = [];
  const thresholdMisses: ThresholdMiss[] = [];
  for (const [number, attempt] of certificate.incoherent.entries()) {
    if (attempt.attempt !== number) {
      return refuse('certificate-attempt', `Failed attempt ${number} is missing or out of order.`, {
        attempt: number,
      });
    }
    const answers = readAnswers(scope, attempt);
    if (!answers.ok) return answers;
    const [soft] = answers.value.softMisses;
    if (soft !== undefined) {
      return refuse('certificate-soft-miss', `A soft miss does not explain a failed attempt.`, {
        rank: soft.rank,
      });
    }
    if (attempt.attestations.some((attestation) => !agrees(attestation, hash))) {
      incoherent.push(attempt);
    } else if (answers.value.answered.length > 0 || unexplainedRank(scope, answers.value) !== undefined) {
      return refuse(
        'certificate-attempt',
        `Attempt ${number} had neither answers that disagree nor a miss at every rank.`,
        { attempt: number },
      );
    } else silent.push(answers.value);
    misses.push(...answers.value.misses);
    thresholdMisses.push(...attempt.thresholdMisses);
  }
  return ok({ incoherent, silent, misses, thresholdMisses });
}
