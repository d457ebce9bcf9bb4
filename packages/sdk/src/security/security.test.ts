import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialBelow, hypergeometricBelow } from './binomial.js';
import { type Chance, chance, chanceLog10, chanceNumber, chanceText, complement } from './chance.js';
import { compromisedOf, mixedRisk, riskOfBlocks, setRisk, shownChance } from './witness-risk.js';

function read(text: string): Chance {
  const value = chance(text);
  if (!value.ok) throw new Error(value.error.code);
  return value.value;
}
function risk(members: number, compromised: string, threshold: number, pool?: number) {
  const set = { members, compromised: read(compromised), threshold };
  const made = setRisk(pool === undefined ? set : { ...set, pool });
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}
const exactly = (value: number, expected: number) =>
  expected === 0 ? value === 0 : Math.abs(value / expected - 1) < 1e-14;

describe('the binomial analysis', () => {
  // Computed apart with Python's fractions and 60-digit decimals.
  const rows: readonly (readonly [number, string, number, number, number])[] = [
    [1, '0.5', 1, 0.5, 0.5],
    [4, '0.2', 4, 1.6e-3, 0.5904],
    [4, '20%', 3, 2.72e-2, 0.1808],
    [4, '0.1', 1, 0.3439, 1e-4],
    [7, '0.3', 5, 2.87955e-2, 0.3529305],
    [10, '.25', 7, 3.505706787109375e-3, 2.241249084472656e-1],
    [16, '0.2', 11, 3.26144950272e-5, 8.16878884814848e-2],
    [64, '0.3', 43, 9.43433724474525e-10, 2.617269947112065e-1],
    [100, '0.5', 67, 4.368599184561862e-4, 9.995631400815438e-1],
    [12, '0', 9, 0, 0],
    [12, '1', 9, 1, 1],
  ];
  it.each(rows)('%i witnesses, %s compromised, %i to agree', (n, p, t, forging, stalling) => {
    const made = risk(n, p, t);
    expect(exactly(chanceNumber(made.forging), forging)).toBe(true);
    expect(exactly(chanceNumber(made.stalling), stalling)).toBe(true);
  });

  it('is exact where doubles end', () => {
    const { forging, stalling } = risk(300, '0.01', 201);
    expect(shownChance(forging)).toMatchObject({ value: 0, text: '7.68695e-322' });
    expect(chanceLog10(forging)).toBeCloseTo(-321.11424589218814, 10);
    expect(exactly(chanceNumber(stalling), 5.684886685595067e-120)).toBe(true);
    expect(chanceLog10(risk(2_000, '0.01', 1_500).forging)).toBeCloseTo(-2515.429022359527, 10);
    expect(chanceText(risk(2_000, '0.01', 1_500).forging)).toBe('3.72372e-2516');
  });

  const drawn: readonly (readonly [number, string, number, number, number, number])[] = [
    [10, '0.3', 4, 3, 3.333333333333333e-2, 0.3333333333333333],
    [50, '0.2', 4, 4, 9.11854103343465e-4, 0.6031697785497178],
    [100, '0.2', 4, 1, 0.5966617574865, 1.235583267983857e-3],
    [1_000, '0.2', 4, 4, 1.56179238395828e-3, 0.591015554502005],
    [64, '0.328125', 16, 11, 7.746067071780666e-4, 0.4321629729467169],
  ];
  it.each(drawn)('without replacement, pool of %i, %s compromised', (pool, p, n, t, forging, stalling) => {
    const made = risk(n, p, t, pool);
    expect(exactly(chanceNumber(made.forging), forging)).toBe(true);
    expect(Math.abs(chanceNumber(made.stalling) / stalling - 1)).toBeLessThan(1e-13);
  });

  it('of a growing pool comes to the binomial', () => {
    const independent = chanceNumber(risk(8, '0.25', 6).forging);
    const gap = (pool: number) => Math.abs(chanceNumber(risk(8, '0.25', 6, pool).forging) - independent);
    expect(gap(1 << 20)).toBeLessThan(1e-6);
    expect(gap(100)).toBeGreaterThan(gap(10_000));
  });

  it('adds up to one and falls with the threshold', () => {
    const shape = fc.record({
      members: fc.integer({ min: 1, max: 40 }),
      ppm: fc.integer({ min: 0, max: 1_000_000 }),
      below: fc.integer({ min: 0, max: 41 }),
      spare: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(shape, ({ members, ppm, below, spare }) => {
        const each = { top: BigInt(ppm), bottom: 1_000_000n };
        // Fewer than t of one kind is more than n - t of the other.
        const fewer = binomialBelow(members, each, Math.min(below, members));
        const other = binomialBelow(members, complement(each), members - Math.min(below, members) + 1);
        expect(fewer.top * other.bottom + other.top * fewer.bottom).toBe(fewer.bottom * other.bottom);
        const pool = members + spare;
        const bad = compromisedOf(pool, each);
        const whole = hypergeometricBelow(pool, bad, members, members + 1);
        expect(whole.top).toBe(whole.bottom);
      }),
    );
  });
});

describe('two sets', () => {
  it('are forged together and stall apart', () => {
    const made = mixedRisk(risk(4, '0.2', 4), risk(16, '0.2', 11));
    expect(exactly(chanceNumber(made.forging), 5.218319204352e-8)).toBe(true);
    expect(
      exactly(chanceNumber(mixedRisk(risk(4, '0.2', 1), risk(16, '0.2', 11)).stalling), 8.315718785991442e-2),
    ).toBe(true);
  });
});

describe('the risk of an epoch', () => {
  const { forging } = risk(16, '0.2', 11);
  const rows: readonly (readonly [Chance, number, number, string])[] = [
    [forging, 1, 3.26144950272e-5, '3.26145e-5'],
    [forging, 8_640, 2.455707925964e-1, '0.245571'],
    [forging, 1_000_000, 0.99999999999999, '>0.999999'],
    [risk(4, '0.2', 4).stalling, 20, 9.999999823315294e-1, '>0.999999'],
    [risk(4, '0', 4).forging, 1_000, 0, '0'],
    [risk(4, '1', 4).forging, 1, 1, '1'],
  ];
  it.each(rows)('%# in %i blocks', (q, blocks, expected, text) => {
    const made = riskOfBlocks(q, blocks);
    expect(Math.abs(made.value - expected)).toBeLessThanOrEqual(1e-12 * expected);
    expect(made.text).toBe(text);
  });

  it('that is below any double is told by its logarithm', () => {
    const made = riskOfBlocks(risk(300, '0.01', 201).forging, 1_000);
    expect(made.text).toBe('7.68695e-319');
    expect(made.log10).toBeCloseTo(-318.11424589218814, 9);
  });
});

describe('bad input', () => {
  const rows: readonly (readonly [string, () => { ok: boolean } & object, string])[] = [
    ['no number', () => chance('a fifth'), 'security-probability'],
    ['nothing', () => chance('.'), 'security-probability'],
    ['above one', () => chance('1.01'), 'security-probability'],
    ['negative', () => chance('-0.1'), 'security-probability'],
    ['too fine', () => chance('0.0000000001'), 'security-probability'],
    ['no witness', () => setRisk({ members: 0, compromised: read('0.1'), threshold: 1 }), 'security-members'],
    [
      'too many',
      () => setRisk({ members: 2_001, compromised: read('0.1'), threshold: 1 }),
      'security-members',
    ],
    [
      'nobody to agree',
      () => setRisk({ members: 4, compromised: read('0.1'), threshold: 0 }),
      'security-threshold',
    ],
    [
      'more to agree than there are',
      () => setRisk({ members: 4, compromised: read('0.1'), threshold: 5 }),
      'security-threshold',
    ],
    [
      'a pool too small',
      () => setRisk({ members: 4, compromised: read('0.1'), threshold: 4, pool: 3 }),
      'security-pool',
    ],
  ];
  it.each(rows)('%s is refused', (_, make, code) => {
    expect(make()).toMatchObject({ ok: false, error: { code } });
  });
});

it('a chance is read as it is written', () => {
  expect(chanceText(read('0.125'))).toBe('0.125');
  expect(chanceText(read('0.000012'))).toBe('1.2e-5');
  expect(chanceText(read('12.5%'))).toBe('0.125');
  expect(chanceText(read('1.0'))).toBe('1');
  expect(chanceNumber(read('0.3'))).toBe(0.3);
});
