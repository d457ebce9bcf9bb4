import { expect, it } from 'vitest';
import { attemptRanks, committeeSize, excludedHost, roleOf } from './committee.js';

it('divides a committee into miners and witnesses', () => {
  const parameters = { miners: 2, witnesses: 3 };
  expect(committeeSize(parameters)).toBe(5);
  expect([0, 1, 2, 3, 4].map((i) => roleOf(parameters, i))).toEqual([
    'miner',
    'miner',
    'witness',
    'witness',
    'witness',
  ]);
});

it.each([
  [0, 1, undefined],
  [0, 2, 0],
  [3, 4, 3],
])('lane %i of %i trust nodes leaves out host %s', (lane, trustNodes, host) => {
  expect(excludedHost(lane, trustNodes)).toBe(host);
});

it('gives each attempt the next ranks', () => {
  expect(attemptRanks({ ranksPerAttempt: 16 }, 0)).toEqual({ first: 0, end: 16 });
  expect(attemptRanks({ ranksPerAttempt: 16 }, 2)).toEqual({ first: 32, end: 48 });
});
