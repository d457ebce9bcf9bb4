import { mulDivFloor } from '@iotw/kernel/wide';
import type { Parameters } from '@iotw/protocol/parameters';

/** One observation, in fixed point. */
const ONE = 1_000_000;
const PPM = 1_000_000;
/**
 * The prior Beta(1, 1): a device nobody knows stands at one half, below every device that answers, so a
 * bad name is not mended by registering anew.
 */
const PRIOR = ONE;
/** A billion observations of each kind; more evidence adds nothing and sums stay exact. */
const MAX_EVIDENCE = 1_000_000_000 * ONE;

/** Evidence on one device beside the prior, in millionths of an observation. */
export interface ReputationEvidence {
  /** Certified answers. */
  readonly answered: number;
  /** Misses in certificates; silence that no certificate names does not count. */
  readonly missed: number;
}

/**
 * The evidence after an epoch with `answers` certified answers and `misses` certified misses: old evidence
 * keeps `reputationDecayPpm` of its weight, so that what a device does now counts more than what it did.
 */
export function nextEvidence(
  parameters: Pick<Parameters, 'reputationDecayPpm'>,
  evidence: ReputationEvidence,
  answers: number,
  misses: number,
): ReputationEvidence {
  return {
    answered: step(parameters, evidence.answered, answers),
    missed: step(parameters, evidence.missed, misses),
  };
}

function step(parameters: Pick<Parameters, 'reputationDecayPpm'>, old: number, observations: number): number {
  const kept = mulDivFloor(old, Math.min(parameters.reputationDecayPpm, PPM), PPM);
  return Math.min(MAX_EVIDENCE, kept + Math.min(observations, MAX_EVIDENCE / ONE) * ONE);
}

/** The mean of Beta(1 + answered, 1 + missed), ppm: 0 .. 1,000,000, floored. */
export function reputation(evidence: ReputationEvidence): number {
  const alpha = PRIOR + evidence.answered;
  return mulDivFloor(alpha, PPM, alpha + PRIOR + evidence.missed);
}
