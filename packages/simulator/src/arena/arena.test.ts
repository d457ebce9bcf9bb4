import { describe, expect, it } from 'vitest';
import { wilson } from '../statistics/intervals.js';
import { grief } from './griefing.js';
import { grindSeeds } from './seed-grinding.js';
import { farm } from './sybil.js';
import { chooseWitnesses, detectSkipping, drawCommittees, skipHonest, skipSoftly } from './witness-sets.js';

const GRIEFING = {
  devices: 100,
  epochs: 12,
  blocksPerEpoch: 40,
  griefersPerMille: 50,
  blacklistEpochs: 8_640,
  seed: 'test',
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the arena', () => {
  it('griefers are out after one strike; adjudication costs no honest device its place, the literal rule does', () => {
    const adjudicated = grief({ ...GRIEFING, adjudicate: 1, strike: true });
    const literal = grief({ ...GRIEFING, adjudicate: 0, strike: true });
    expect(adjudicated).toMatchObject({ strikes: 5, honestBlacklisted: 0, grieferPaid: 0 });
    expect(literal.honestBlacklisted).toBeGreaterThanOrEqual(10);
    expect(literal.honestPaid).toBeLessThan(0.95 * adjudicated.honestPaid);
  });

  it.each([1, 10, 30])('a captured batch under %i owners earns no more than its share', (owners) => {
    const size = { devices: 100, captured: 30, epochs: 6, blocksPerEpoch: 60 };
    expect(mean(farm({ ...size, owners, mode: 'random', seed: 'test' }))).toBeLessThanOrEqual(1.05);
  });

  it('elections compromise committees as often as the binomial says', () => {
    // n = 4, p = 0.3: P(K >= 3) = 0.0837, P(K > 1) = 0.3483.
    const { forged, stalled, trials } = drawCommittees({ n: 4, p: 0.3, t: 3 }, 3_000, 'test');
    const [forging, stalling] = [wilson(forged, trials, 3.29), wilson(stalled, trials, 3.29)];
    expect(forging.low).toBeLessThan(0.0837);
    expect(forging.high).toBeGreaterThan(0.0837);
    expect(stalling.low).toBeLessThan(0.3483);
    expect(stalling.high).toBeGreaterThan(0.3483);
  });

  it('who answers first wins most; diversity holds one maker to its place', () => {
    const taken = (choice: Parameters<typeof chooseWitnesses>[0]) => {
      const { taken, seats } = chooseWitnesses(choice, 0.4, 400, 'test');
      return taken / seats;
    };
    expect(taken('first-to-arrive')).toBeGreaterThan(taken('random') + 0.1);
    expect(taken('random')).toBeGreaterThan(taken('diversity') + 0.05);
    expect(taken('diversity')).toBeLessThan(0.27);
  });

  it('false misses win seats by every captured host, and show the sooner the more there are', () => {
    const share = (hosts: number) => {
      const { taken, seats } = skipHonest(0.2, hosts, 16, 300, 'test');
      return taken / seats;
    };
    expect(share(1)).toBeGreaterThan(share(0));
    expect(share(2)).toBeGreaterThan(share(1));
    const needed = (captured: number, attack: number) =>
      detectSkipping({ hosts: 16, captured, attack, usual: 0.02 }, 3.29, 'test', 20_000) ?? 20_000;
    expect(needed(1, 0.5)).toBeLessThan(needed(1, 0.05));
    // They hide behind each other, and still show.
    expect(needed(8, 0.05)).toBeGreaterThan(needed(1, 0.05));
    expect(needed(8, 0.2)).toBeLessThan(2_000);
  });

  it('skips less where a host skips less', () => {
    const count = (skipping: number) => skipHonest(0.2, 1, 16, 300, 'test', skipping);
    const [all, some, none] = [count(1), count(0.2), count(0)];
    expect(all.skipped).toBe(all.asked);
    expect(some.skipped / some.asked).toBeCloseTo(0.2, 1);
    expect(none.skipped).toBe(0);
    expect(all.taken).toBeGreaterThan(none.taken);
  });

  it.each([
    ['late ones alone', 0.05],
    ['whatever it likes', 1],
  ])('soft misses move no more seats than their bound, where hosts sign %s', (_, late) => {
    const rule = { softMissBps: 1_000, softMissBurst: 16 };
    const { seats, taken, spent } = skipSoftly(0.2, late, rule, 1_500, 'test');
    const fair = skipSoftly(0.2, 0, rule, 1_500, 'test');
    expect(fair.spent).toBe(0);
    // Three hosts may be asked: each has its burst once.
    expect(spent).toBeLessThanOrEqual(3 * rule.softMissBurst + (seats * rule.softMissBps) / 10_000);
    expect(taken - fair.taken).toBeLessThanOrEqual(spent + 0.03 * seats);
    expect(taken / seats).toBeGreaterThan(fair.taken / fair.seats);
    // Without a bound the same hosts would give away more.
    const unbounded = skipSoftly(0.2, late, { softMissBps: 10_000, softMissBurst: 1_000 }, 1_500, 'test');
    expect(unbounded.taken).toBeGreaterThanOrEqual(taken);
  });

  it('a host that signs soft misses up to the bound shows by its soft skip rate', () => {
    // A tenth of an answer each: one in eleven questions, where honest hosts are late for one in twenty.
    expect(
      detectSkipping({ hosts: 4, captured: 1, attack: 0.0433, usual: 0.05 }, 3.29, 'soft')!,
    ).toBeLessThan(20_000);
  });

  it('grinding keys wins seats against a known seed and nothing against a frozen pool', () => {
    const { known, unknown } = grindSeeds(32, 20, 'test');
    expect(mean(known)).toBeGreaterThan(1.5);
    expect(mean(unknown)).toBeLessThan(1.25);
  });
});
