import { Prng } from '@iotw/kernel/prng';
import { expect, test } from 'vitest';
import { KINDS, planOf } from './perturbation.js';

const plan = (seed: number) => planOf(80, KINDS, new Prng(`plan ${seed}`));

test('a plan holds every kind as often as any other, and no line from a site to itself', () => {
  for (const kind of KINDS) expect(plan(1).filter((one) => one.kind === kind).length, kind).toBe(10);
  expect(plan(1).filter(({ site, other }) => site === other)).toEqual([]);
  expect(new Set(plan(1).map(({ site }) => site)).size).toBe(4);
});

test('a seed gives the same plan again, another seed another', () => {
  expect(plan(1)).toEqual(plan(1));
  expect(plan(2)).not.toEqual(plan(1));
  expect(plan(1).map(({ kind }) => kind)).not.toEqual(plan(2).map(({ kind }) => kind));
});
