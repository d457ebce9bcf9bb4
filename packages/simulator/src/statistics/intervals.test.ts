import { Prng } from '@iotw/kernel/prng';
import { describe, expect, it } from 'vitest';
import { bootstrapMean, expectedFrequency, quantile, wilson, Z } from './intervals.js';

describe('intervals', () => {
  // Values of the published formula, worked out by hand.
  it.each([
    [8, 10, 0.8, 0.4902, 0.9433],
    [0, 20, 0, 0, 0.1611],
    [20, 20, 1, 0.8389, 1],
    [500, 1_000, 0.5, 0.4691, 0.5309],
  ])('of %i in %i by Wilson', (successes, trials, value, low, high) => {
    const interval = wilson(successes, trials);
    expect(interval.value).toBeCloseTo(value, 4);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('of nothing is everything', () => {
    expect(wilson(0, 0)).toEqual({ value: 0, low: 0, high: 1 });
  });

  it('of a frequency', () => {
    const { low, high } = expectedFrequency(0.5, 10_000, Z[95]);
    expect([low, high].map((end) => end.toFixed(4))).toEqual(['0.4902', '0.5098']);
  });

  it('of a mean hold it, are narrow for equal values and repeat', () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    const mean = bootstrapMean(values, new Prng('mean'));
    expect(mean).toEqual(bootstrapMean(values, new Prng('mean')));
    expect(mean.value).toBe(49.5);
    expect(mean.low).toBeGreaterThan(42);
    expect(mean.high).toBeLessThan(57);
    expect(bootstrapMean([3, 3, 3], new Prng('same'))).toEqual({ value: 3, low: 3, high: 3 });
  });

  it('quantiles are values that occur', () => {
    const values = [5, 1, 4, 2, 3];
    expect([0, 0.2, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([1, 1, 3, 5, 5]);
    expect(quantile([], 0.5)).toBe(0);
  });
});
