import { ELECTION_MODE, type ElectionMode } from '@iotw/protocol/parameters';
import { describe, expect, it } from 'vitest';
import { type Candidate, ELECTION_WEIGHTS, freezePool } from './weights.js';

const candidate: Candidate = {
  device: 3,
  key: new Uint8Array(32).fill(3),
  host: 1,
  maker: 2,
  region: 4,
  owner: 77,
  reputation: 500_000,
  uptimeEpochs: 10,
  registeredEpochs: 20,
};

describe('weights', () => {
  it.each([
    ['random', {}, 1],
    ['random', { reputation: 0, uptimeEpochs: 9_999 }, 1],
    ['reputation', {}, 500_000],
    ['reputation', { reputation: 0 }, 1],
    ['reputation', { reputation: 1_000_000 }, 1_000_000],
    ['uptime', { uptimeEpochs: 0 }, 60],
    ['uptime', {}, 70],
    ['uptime', { uptimeEpochs: 1_440, registeredEpochs: 1_440 }, 1_500],
    ['uptime', { uptimeEpochs: 100_000, registeredEpochs: 200_000 }, 1_500],
    ['uptime', { uptimeEpochs: 30, registeredEpochs: 20 }, 80],
  ] as [ElectionMode, Partial<Candidate>, number][])('mode %s of %j is %i', (mode, change, weight) => {
    expect(ELECTION_WEIGHTS[mode]({ ...candidate, ...change })).toBe(weight);
  });

  it('has a row for every mode', () => {
    expect(Object.keys(ELECTION_WEIGHTS).sort()).toEqual(Object.keys(ELECTION_MODE).sort());
  });
});

describe('freezing a pool', () => {
  it('keeps what an election needs', () => {
    expect(freezePool([candidate, { ...candidate, device: 9 }], 'uptime')).toEqual(
      [3, 9].map((device) => ({
        device,
        key: candidate.key,
        host: 1,
        maker: 2,
        region: 4,
        owner: 77,
        weight: 70,
      })),
    );
    expect(freezePool([], 'random')).toEqual([]);
  });

  it('takes candidates in order only', () => {
    expect(() => freezePool([candidate, candidate], 'random')).toThrow('ascend');
  });
});
