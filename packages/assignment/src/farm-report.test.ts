import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FarmDevice, farmCohorts, farmGroups } from './farm-report.js';

/** 40 devices of 40 owners at 4 hosts, two makers, registered in epochs 0 to 4; each missed in an epoch of its own. */
const crowd = (fields: (i: number) => Partial<FarmDevice> = () => ({})): FarmDevice[] =>
  Array.from({ length: 40 }, (_, i) => ({
    device: i,
    owner: 100 + i,
    maker: 1 + (i % 2),
    batch: 1,
    host: i % 4,
    registeredEpoch: i % 5,
    weight: 1,
    answers: 10,
    missed: 0,
    earned: 500,
    pattern: 'pppp',
    ...fields(i),
  }));
/** The first `n` belong to owner 7. */
const farm = (n: number, fields: Partial<FarmDevice> = {}) =>
  crowd((i) => (i < n ? { owner: 7, ...fields } : {}));

describe('shares of a pool', () => {
  it('are of devices, weight and pay, the heaviest group first', () => {
    const groups = farmGroups(farm(8, { weight: 3, answers: 20, earned: 1_000 }), 'owner', 100_000);
    expect(groups).toHaveLength(33);
    expect(groups[0]).toEqual({
      name: '7',
      devices: 8,
      owners: 1,
      batches: 2,
      hosts: 4,
      poolPpm: 200_000,
      weightPpm: Math.floor((24 * 1_000_000) / 56),
      earnedPpm: Math.floor((8_000 * 1_000_000) / 24_000),
      answers: 160,
      equalAnswers: 96,
      missed: 0,
      flags: ['concentrated'],
    });
    expect(groups[1]).toMatchObject({ name: '108', devices: 1, flags: [] });
  });

  it.each<
    [
      what: string,
      devices: FarmDevice[],
      kind: 'owner' | 'batch' | 'maker' | 'host',
      threshold: number,
      flagged: [string, string[]][],
    ]
  >([
    ['nobody of equals', crowd(), 'owner', 10_000, []],
    ['an owner above the threshold', farm(8), 'owner', 199_999, [['7', ['concentrated']]]],
    ['not one at the threshold', farm(8), 'owner', 200_000, []],
    ['not one of two equal makers', crowd(), 'maker', 100_000, []],
    ['not one of four equal hosts', crowd(), 'host', 100_000, []],
    [
      'by pay where the weight is equal',
      farm(4, { earned: 5_000 }),
      'owner',
      300_000,
      [['7', ['concentrated']]],
    ],
    ['an owner with all devices at one host', farm(10, { host: 2 }), 'owner', 900_000, [['7', ['one-host']]]],
    ['not nine devices at one host', farm(9, { host: 2 }), 'owner', 900_000, []],
    ['nobody where there is one host', crowd(() => ({ host: 0, owner: 7 })), 'owner', 1_000_000, []],
    ['a batch', farm(12, { maker: 5, batch: 9, host: 1 }), 'batch', 250_000, [['5/9', ['one-host']]]],
  ])('flags %s', (_what, devices, kind, threshold, flagged) => {
    const told = farmGroups(devices, kind, threshold).filter(({ flags }) => flags.length > 0);
    expect(told.map(({ name, flags }) => [name, flags])).toEqual(flagged);
  });

  it('of a pool without devices, pay or answers are none', () => {
    expect(farmGroups([], 'owner', 0)).toEqual([]);
    expect(
      farmGroups(
        crowd(() => ({ earned: 0, answers: 0 })),
        'maker',
        0,
      )[0],
    ).toMatchObject({
      earnedPpm: 0,
      equalAnswers: 0,
    });
  });

  it('never exceed the whole, and groups hold every device once', () => {
    const number = fc.integer({ min: 0, max: 5 });
    const arbitrary = fc.record({
      device: fc.nat(),
      owner: number,
      maker: number,
      batch: number,
      host: number,
      registeredEpoch: number,
      weight: fc.integer({ min: 1, max: 0xffff_ffff }),
      answers: fc.nat(),
      missed: fc.nat(),
      earned: fc.integer({ min: 0, max: 2 ** 40 }),
      pattern: fc.constantFrom('pp', 'pa', 'mm', '.p'),
    });
    fc.assert(
      fc.property(
        fc.array(arbitrary, { maxLength: 60 }),
        fc.constantFrom('owner', 'batch', 'maker', 'host'),
        (devices, kind) => {
          const groups = farmGroups(devices, kind, 100_000);
          const total = (of: (g: (typeof groups)[number]) => number) => groups.reduce((n, g) => n + of(g), 0);
          expect(total((g) => g.devices)).toBe(devices.length);
          for (const share of ['poolPpm', 'weightPpm', 'earnedPpm'] as const) {
            expect(total((g) => g[share])).toBeLessThanOrEqual(1_000_000);
          }
          expect(farmGroups([...devices].reverse(), kind, 100_000)).toEqual(groups);
        },
      ),
    );
  });
});

describe('devices that move as one', () => {
  it('may be more owners than a call takes arguments', () => {
    const one = crowd()[0]!;
    const many = Array.from({ length: 150_000 }, (_, i) => ({
      ...one,
      device: i,
      owner: i,
      registeredEpoch: 3,
    }));
    expect(farmCohorts(many)[0]).toMatchObject({ owners: 150_000, flags: ['registered-together'] });
  });

  const owners = (n: number, fields: Partial<FarmDevice>) =>
    crowd((i) => (i < n ? { host: 0, ...fields } : {}));

  it('are told by the epochs in which they were absent or silent', () => {
    const [cohort, ...others] = farmCohorts(owners(5, { registeredEpoch: 3, pattern: 'pamp' }));
    expect(others).toEqual([]);
    expect(cohort).toMatchObject({
      devices: 5,
      owners: 5,
      host: 0,
      registeredEpoch: 3,
      pattern: 'pamp',
      flags: ['same-pattern'],
    });
    expect(cohort!.expectedMillionths).toBeLessThan(cohort!.devices * 100_000);
  });

  it.each<[what: string, devices: FarmDevice[]]>([
    ['those that were always there', owners(7, { registeredEpoch: 3 })],
    ['two', owners(2, { registeredEpoch: 3, pattern: 'pamp' })],
    ['all of a host that was down', crowd((i) => (i % 4 === 0 ? { pattern: 'paap' } : {}))],
    [
      'a miss that half of the host had',
      crowd((i) => (i % 8 === 0 ? { pattern: 'pmpp', registeredEpoch: 3 } : {})),
    ],
    ['the genesis’ devices', owners(20, { registeredEpoch: 0 })],
    [
      'one owner’s devices of one day: they are in the owner’s row',
      farm(12, { host: 0, registeredEpoch: 3 }),
    ],
  ])('are not %s', (_what, devices) => {
    expect(farmCohorts(devices)).toEqual([]);
  });

  it('are told where several owners registered them together and they were never apart', () => {
    expect(farmCohorts(owners(10, { registeredEpoch: 9 }))).toMatchObject([
      { devices: 10, owners: 10, registeredEpoch: 9, flags: ['registered-together'] },
    ]);
  });
});
