import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { DEVNET_PARAMETERS } from '@iotw/protocol/parameters';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCertificate } from './certificate-check.js';
import { admitsPeople, isAsked, limitPeople } from './people.js';
import { range, TestNetwork, testDevices } from './test-network.js';

const { appliance, user } = DEVICE_CLASS;
const classes = (text: string) => [...text].map((c) => ({ deviceClass: c === 'p' ? user : appliance }));

describe("people's share of a pool's weight", () => {
  it.each<[string, string, number[], number, number[]]>([
    [
      'below it nothing changes',
      'oooooooooop',
      [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      1_000,
      [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    ],
    ['above it they are held to it', 'oop', [100, 100, 100], 5_000, [100, 100, 100]],
    ['a tenth of the whole', 'oop', [9, 9, 9], 1_000, [589_824, 589_824, 131_072]],
    ['two of them share it', 'opp', [9, 3, 1], 1_000, [589_824, 49_152, 16_384]],
    ['a person weighs at least 1', 'opp', [1, 0xffff_ffff, 1], 1, [1, 1, 1]],
    ['large weights are not scaled', 'op', [0xffff_ffff, 0xffff_ffff], 5_000, [0xffff_ffff, 0xffff_ffff]],
    ['large weights above it', 'op', [0x8000_0000, 0xffff_ffff], 5_000, [0x8000_0000, 0x8000_0000]],
    ['no cap', 'op', [1, 9], 10_000, [1, 9]],
    ['nobody but people', 'pp', [1, 9], 1_000, [1, 9]],
    ['nobody but things', 'oo', [1, 9], 1_000, [1, 9]],
  ])('%s', (_, who, weights, userShareBps, expected) => {
    expect(limitPeople(classes(who), weights, { userShareBps })).toEqual(expected);
  });

  it('is kept to the unit for any pool that 65,536 parts can divide', () => {
    const pool = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 60_000 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(pool, fc.integer({ min: 1, max: 9_999 }), (rows, userShareBps) => {
        const devices = rows.map(([person]) => ({ deviceClass: person ? user : appliance }));
        const weights = limitPeople(
          devices,
          rows.map(([, weight]) => weight),
          { userShareBps },
        );
        const sum = (person: boolean) => weights.reduce((n, w, i) => n + (rows[i]![0] === person ? w : 0), 0);
        for (const weight of weights) expect(weight >= 1 && weight <= 0xffff_ffff).toBe(true);
        // Each person's least weight of 1 is all that may come on top.
        const people = rows.filter(([person]) => person).length;
        if (sum(false) > 0)
          expect((sum(true) - people) * (10_000 - userShareBps)).toBeLessThanOrEqual(
            sum(false) * userShareBps,
          );
      }),
    );
  });

  it.each([
    [1, 1_000, true],
    [0, 1_000, false],
    [1, 0, false],
  ])('%i seats and %i basis points: people enter a pool: %s', (userSeats, userShareBps, admitted) => {
    expect(admitsPeople({ userSeats, userShareBps })).toBe(admitted);
  });
});

describe('seats of people in an attempt', () => {
  const asked = (who: string, userSeats: number, removed: number[] = [], ranksPerAttempt = 4) => {
    const devices = testDevices(who.length, (i) => classes(who)[i]!);
    const draw = { at: (rank: number) => devices[rank] };
    const rules = { userSeats, ranksPerAttempt };
    return range(0, who.length).filter((rank) =>
      isAsked(draw, rules, rank, (device) => removed.includes(device)),
    );
  };

  it.each<[string, number[], number[]]>([
    ['things alone', asked('oooo', 0), [0, 1, 2, 3]],
    ['one seat', asked('pppp', 1), [0]],
    ['no seat', asked('opop', 0), [0, 2]],
    ['two seats', asked('popp', 2), [0, 1, 2]],
    ['the first person was removed: the next has its seat', asked('pppo', 1, [0]), [1, 3]],
    ['a thing was removed', asked('opop', 1, [0]), [1, 2]],
    ['each attempt has its own', asked('ppoopppo', 1), [0, 2, 3, 4, 7]],
    ['beyond the list', asked('', 1), []],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe('a certificate with people', () => {
  /** Every device is a person, or those at these ranks of attempt 0. */
  const network = (people: readonly number[] | 'all', userSeats: number) => {
    const plain = new TestNetwork();
    const numbers = people === 'all' ? 'all' : people.map((rank) => plain.draw.at(rank)!.device);
    return new TestNetwork({
      parameters: { userSeats },
      deviceClass: (device) => (numbers === 'all' || numbers.includes(device) ? user : appliance),
    });
  };
  const outcome = (
    n: TestNetwork,
    answered: readonly number[],
    missed: readonly number[] = [],
    mode: number = CERTIFICATE_MODE.devices,
  ) => {
    const attestations = answered.map((rank) => n.attest(0, rank));
    const misses = missed.map((rank) => n.miss(0, rank));
    const checked = checkCertificate(n.context, n.block({ mode, attestations, misses }), n.hash);
    return checked.ok ? checked.value.paid.map(({ rank }) => rank) : checked.error.code;
  };

  it.each<[string, TestNetwork, number[], number[], number[] | string]>([
    ['one of them in its seat', network([1], 1), [0, 1, 2, 3], [], [0, 1, 2, 3]],
    ['the second is skipped, the next thing answers', network([1, 2], 1), [0, 1, 3, 4], [], [0, 1, 3, 4]],
    ['the second answers all the same', network([1, 2], 1), [0, 1, 2, 3], [], 'certificate-rank'],
    ['the second was missed all the same', network([1, 2], 1), [0, 1, 3, 4], [2], 'certificate-rank'],
    [
      'the first was missed: its seat is not another’s',
      network([1, 2], 1),
      [0, 2, 3, 4],
      [1],
      'certificate-rank',
    ],
    ['one in its seat is passed over', network([1], 1), [0, 2, 3, 4], [], 'certificate-miss-missing'],
    ['two seats', network([1, 2], 2), [0, 1, 2, 3], [], [0, 1, 2, 3]],
    ['no seats', network([1], 0), [0, 2, 3, 4], [], [0, 2, 3, 4]],
    ['no seats, and one answers', network([1], 0), [0, 1, 2, 3], [], 'certificate-rank'],
    ['nobody but people: one seat of four', network('all', 1), [0], [], [0]],
    ['nobody but people, two answer', network('all', 1), [0, 1], [], 'certificate-rank'],
  ])('%s', (_, n, answered, missed, expected) => {
    expect(outcome(n, answered, missed)).toEqual(expected);
  });

  it.each<[string, TestNetwork, unknown]>([
    ['people without seats are no devices', network('all', 0), []],
    ['one with a seat is', network('all', 1), 'certificate-mode'],
  ])('says there are none: %s', (_, n, expected) => {
    expect(outcome(n, [], [], CERTIFICATE_MODE.noDevices)).toEqual(expected);
  });

  it('whoever misses, never pays more people than there are seats', () => {
    const rule = fc.record({
      people: fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { maxLength: 16 }),
      missing: fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { maxLength: 12 }),
      seats: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(rule, ({ people, missing, seats }) => {
        const n = network(people, seats);
        const live = range(0, 16).filter((rank) => isAsked(n.draw, n.parameters, rank, () => false));
        const answered = live.filter((rank) => !missing.includes(rank));
        if (answered.length === 0) return;
        const paid = outcome(
          n,
          answered,
          live.filter((rank) => missing.includes(rank)),
        );
        expect(paid).toEqual(answered.slice(0, 4));
        expect(answered.filter((rank) => people.includes(rank)).length).toBeLessThanOrEqual(seats);
      }),
      { numRuns: 40 },
    );
  });

  it('by default has one seat of four and a tenth of the weight', () => {
    expect(DEVNET_PARAMETERS).toMatchObject({ userSeats: 1, userShareBps: 1_000, miners: 1, witnesses: 3 });
  });
});
