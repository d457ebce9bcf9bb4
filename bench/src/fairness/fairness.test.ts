import { describe, expect, it } from 'vitest';
import { chiSquareTail, normalTail } from './chi-square.js';
import { measureFairness } from './suite.js';

describe('tails', () => {
  it.each([
    [0, 0.5],
    [1.959964, 0.025],
    [-1.959964, 0.975],
    [5, 2.866516e-7],
  ])('of the normal distribution beyond %f: %f', (z, tail) => {
    expect(normalTail(z) / tail).toBeCloseTo(1, 5);
  });

  it.each([
    // Tables of the chi-square distribution.
    [124.342, 100, 0.05],
    [149.449, 100, 0.001],
    [1_106.969, 1_000, 0.01],
  ])('of chi-square beyond %f with %i degrees of freedom: %f', (statistic, dof, tail) => {
    expect(Math.abs(chiSquareTail(statistic, dof) / tail - 1)).toBeLessThan(0.02);
  });
});

describe('first draws in every mode', () => {
  const measured = measureFairness(20_000, 2_000, 'a fixed seed', () => {});

  it('are in proportion to the weights', () => {
    expect(measured.fair.map(({ name }) => name).sort()).toEqual(
      ['random', 'reputation', 'uptime', 'stake', 'vrf', 'vrf weighted']
        .flatMap((mode) => [mode, `${mode}: half`])
        .concat(['vrf: tickets', 'vrf weighted: tickets'])
        .sort(),
    );
    expect(measured.fair.filter(({ good }) => !good)).toEqual([]);
  });

  it('of a farm are fewer with damping', () => {
    const share = (what: string) => measured.deviations.find((d) => d.what === what)!.groups.farm!;
    expect(share('a farm of 300, undamped')).toBeGreaterThan(0.9);
    expect(share('a farm of 300 of one owner')).toBeLessThan(0.5);
    expect(share('a farm of 300 of one batch, 75 owners, batchCapBps 1,000')).toBeLessThan(0.5);
  });
});
