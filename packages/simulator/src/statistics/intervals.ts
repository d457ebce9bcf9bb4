import type { Prng } from '@iotw/kernel/prng';

/** A measured value with the ends of its confidence interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Standard normal quantiles of two-sided intervals. */
export const Z = { 95: 1.959964, 99: 2.575829 } as const;

/** Wilson's score interval of a proportion: holds also near 0 and 1 and for few trials. */
export function wilson(successes: number, trials: number, z: number = Z[95]): Interval {
  if (trials === 0) return { value: 0, low: 0, high: 1 };
  const p = successes / trials;
  const square = (z * z) / trials;
  const middle = (p + square / 2) / (1 + square);
  const half = (z / (1 + square)) * Math.sqrt((p * (1 - p)) / trials + square / (4 * trials));
  return { value: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Where the frequency of an event of chance `p` lies in `trials` tries, by the normal limit. */
export function expectedFrequency(p: number, trials: number, z: number = Z[99]): Interval {
  const half = z * Math.sqrt((p * (1 - p)) / trials);
  return { value: p, low: Math.max(0, p - half), high: Math.min(1, p + half) };
}

const RESAMPLES = 2_000;

/** The mean with its 95% percentile bootstrap interval; the resamples come from `prng`. */
export function bootstrapMean(values: readonly number[], prng: Prng): Interval {
  const mean = (pick: (i: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[pick(i)]!;
    return sum / values.length;
  };
  if (values.length === 0) return { value: 0, low: 0, high: 0 };
  const means = Array.from({ length: RESAMPLES }, () => mean(() => prng.below(values.length)));
  means.sort((a, b) => a - b);
  const at = (share: number): number => means[Math.floor(share * (RESAMPLES - 1))]!;
  return { value: mean((i) => i), low: at(0.025), high: at(0.975) };
}

/** The smallest value that at least `share` of the values do not exceed; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}
