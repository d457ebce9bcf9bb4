import { ELECTION_MODE, type ElectionMode } from '@iotw/protocol/parameters';
import { describe, expect, it } from 'vitest';
import { UNDAMPED as OFF } from './damping.js';
import { type Candidate, ELECTION_WEIGHTS, freezePool } from './weights.js';

const UNDAMPED = { ...OFF, ticketWeight: 0 };

const candidate: Candidate = {
  device: 3,
  key: new Uint8Array(32).fill(3),
  host: 1,
  maker: 2,
  batch: 1,
  region: 4,
  deviceClass: 0,
  owner: 77,
  reputation: 500_000,
  uptimeEpochs: 10,
  registeredEpochs: 20,
  leastBalance: 1_234_567,
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
    ['stake', {}, 41],
    ['stake', { leastBalance: 0 }, 1],
    ['stake', { leastBalance: 59_999 }, 1],
    ['stake', { leastBalance: 60_000 }, 2],
    ['stake', { leastBalance: 9e15 }, 0xffff_ffff],
  ] as [Exclude<ElectionMode, 'vrf'>, Partial<Candidate>, number][])(
    'mode %s of %j is %i',
    (mode, change, weight) => {
      expect(ELECTION_WEIGHTS[mode]({ ...candidate, ...change }, 3)).toBe(weight);
    },
  );

  it('has a row for every mode', () => {
    expect([...Object.keys(ELECTION_WEIGHTS), 'vrf'].sort()).toEqual(Object.keys(ELECTION_MODE).sort());
  });
});

describe('freezing a pool', () => {
  it('keeps what an election needs', () => {
    expect(freezePool([candidate, { ...candidate, device: 9 }], 'uptime', UNDAMPED)).toEqual(
      [3, 9].map((device) => ({
        device,
        key: candidate.key,
        host: 1,
        maker: 2,
        region: 4,
        owner: 77,
        weight: 70,
        deviceClass: 0,
      })),
    );
    expect(freezePool([], 'random', UNDAMPED)).toEqual([]);
  });

  it('takes candidates in order only', () => {
    expect(() => freezePool([candidate, candidate], 'random', UNDAMPED)).toThrow('ascend');
  });

  it('divides a stake among its owner’s devices of the pool', () => {
    const own = [3, 4].map((device) => ({ ...candidate, device, leastBalance: 1_000_000 }));
    const alone = { ...candidate, device: 5, owner: 78, leastBalance: 1_000_000 };
    expect(freezePool([...own, alone], 'stake', UNDAMPED).map(({ weight }) => weight)).toEqual([50, 50, 100]);
  });

  it('weighs by the tickets’ mode in mode vrf', () => {
    const rule = (ticketWeight: number) => ({ ...UNDAMPED, ticketWeight });
    expect(freezePool([candidate], 'vrf', rule(ELECTION_MODE.random))[0]?.weight).toBe(1);
    expect(freezePool([candidate], 'vrf', rule(ELECTION_MODE.uptime))[0]?.weight).toBe(70);
    expect(freezePool([candidate], 'vrf', rule(ELECTION_MODE.stake))[0]?.weight).toBe(123);
  });
});
