import { describe, expect, it } from 'vitest';
import { jobsOf, seedsFinished } from './job-list.js';
import { ATTACKS, VARIANTS } from './jobs/variants.js';

describe('the jobs of the security page', () => {
  it('cover every adversary together with the runs it is held against', () => {
    const names = new Map(VARIANTS.map((variant) => [variant.name, variant]));
    expect(names.size).toBe(VARIANTS.length);
    for (const { base, seeds } of ATTACKS) expect(names.get(base)!.seeds).toBeGreaterThanOrEqual(seeds);
  });

  it('are finished seed by seed', () => {
    const jobs = [...jobsOf(false).keys()];
    const results = new Map<string, unknown>();
    expect(seedsFinished(results, false)).toBeUndefined();
    for (const name of jobs) if (!/seed ([3-9]|\d\d)$/.test(name)) results.set(name, {});
    expect(seedsFinished(results, false)).toBe(2);
    results.delete('peace, seed 2');
    expect(seedsFinished(results, false)).toBe(1);
    results.delete('binomial');
    expect(seedsFinished(results, false)).toBeUndefined();
    for (const name of jobs) results.set(name, {});
    expect(seedsFinished(results, false)).toBe(16);
  });
});
