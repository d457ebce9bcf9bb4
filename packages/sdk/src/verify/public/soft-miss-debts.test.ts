import { testDevices, testSnapshot } from '@iotw/assignment/test-network';
import { DEVNET_PARAMETERS } from '@iotw/protocol/parameters';
import { describe, expect, it } from 'vitest';
import { CheckList } from '../checks.js';
import { SoftMissDebts } from './soft-miss-debts.js';

const HOSTS = 4;
const SNAPSHOT = {
  ...testSnapshot(
    testDevices(8, (device) => ({ host: device % HOSTS })),
    'debts',
  ),
  parameters: { ...DEVNET_PARAMETERS, softMissBps: 5_000, softMissBurst: 2 },
};

type Committee = NonNullable<Parameters<SoftMissDebts['check']>[3]>;

/** Soft misses of these hosts, paid answers of devices with these numbers. */
function committee(softHosts: readonly number[], paid: readonly number[] = []): Committee {
  return {
    softMisses: softHosts.map((host) => ({ host })),
    paid: paid.map((device) => ({ device })),
  } as unknown as Committee;
}

/** State of `soft-misses` of each of a run of blocks; undefined where nothing is said. */
function states(blocks: readonly (readonly [height: number, Committee | undefined, lane?: number])[]) {
  const debts = new SoftMissDebts();
  return blocks.map(([height, found, lane = 0]) => {
    const list = new CheckList();
    debts.check(list, { lane, height }, SNAPSHOT, found);
    expect(list.checks.length).toBeLessThanOrEqual(1);
    return list.checks[0]?.state;
  });
}

describe('soft misses over public data', () => {
  it('are held against the bound, per host and lane, from the first block on', () => {
    expect(states([[1, committee([1, 1])]])).toEqual(['pass']);
    expect(states([[1, committee([1, 1, 1])]])).toEqual(['fail']);
    expect(
      states([
        [1, committee([1, 1])],
        [2, committee([2])],
        [1, committee([1]), 3],
        [3, committee([1])],
      ]),
    ).toEqual(['pass', 'pass', 'pass', 'fail']);
  });

  it('are paid off by the answers of blocks before', () => {
    // Half a miss for each answer: device 5 is host 1's, device 6 is host 2's.
    expect(
      states([
        [1, committee([1, 1], [5])],
        [2, committee([], [5])],
        [3, committee([1], [])],
      ]),
    ).toEqual(['pass', undefined, 'pass']);
    expect(
      states([
        [1, committee([1, 1], [5])],
        [2, committee([], [6])],
        [3, committee([1], [5])],
      ]),
    ).toEqual(['pass', undefined, 'fail']);
  });

  it('are unchecked where blocks before were not given, unless those that were are enough to refuse', () => {
    expect(states([[7, committee([1])]])).toEqual(['unchecked']);
    expect(
      states([
        [7, committee([1, 1])],
        [8, committee([1])],
      ]),
    ).toEqual(['unchecked', 'fail']);
    expect(
      states([
        [1, committee([1, 1])],
        [3, committee([1])],
      ]),
    ).toEqual(['pass', 'unchecked']);
    expect(
      states([
        [1, committee([1, 1])],
        [2, undefined],
        [3, committee([1])],
      ]),
    ).toEqual(['pass', undefined, 'unchecked']);
  });
});
