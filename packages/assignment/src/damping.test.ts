import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DampedDevice, type DampingRule, dampWeights, UNDAMPED } from './damping.js';

/** `counts[i]` devices of owner i, each in a batch of its own unless `batch` says otherwise. */
function owned(counts: readonly number[], batch?: (owner: number) => number): DampedDevice[] {
  return counts.flatMap((count, owner) =>
    Array.from({ length: count }, (_, i) => ({
      owner,
      maker: 1,
      batch: batch?.(owner) ?? owner * 10_000 + i,
    })),
  );
}

const ones = (devices: readonly unknown[]): number[] => devices.map(() => 1);
const sumOf = (weights: readonly number[], devices: readonly DampedDevice[], owner: number): number =>
  weights.reduce((sum, weight, i) => sum + (devices[i]!.owner === owner ? weight : 0), 0);
const rule = (change: Partial<DampingRule>): DampingRule => ({ ...UNDAMPED, ...change });

describe('damping', () => {
  it('leaves weights alone where it is off or nobody is beyond a share', () => {
    const devices = owned([900, ...new Array<number>(100).fill(1)]);
    const weights = ones(devices);
    expect(dampWeights(devices, weights, UNDAMPED)).toBe(weights);
    const even = owned(new Array<number>(50).fill(20));
    expect(
      dampWeights(even, ones(even), { ownerFreeDevices: 32, ownerCapBps: 1_000, batchCapBps: 1_000 }),
    ).toEqual(ones(even));
    expect(dampWeights([], [], rule({ ownerFreeDevices: 1 }))).toEqual([]);
  });

  it('counts 4 times the free devices as twice', () => {
    const devices = owned([400, ...new Array<number>(600).fill(1)]);
    const damped = dampWeights(devices, ones(devices), rule({ ownerFreeDevices: 100 }));
    expect(damped[999]).toBe(65_536);
    expect(damped[0]).toBe(32_768);
    expect(sumOf(damped, devices, 0)).toBe(200 * 65_536);
  });

  it('is the same for one device of great weight as for many of small', () => {
    const devices = owned(new Array<number>(1_000).fill(1));
    const weights = [...new Array<number>(999).fill(10), 4_010];
    const damped = dampWeights(devices, weights, rule({ ownerFreeDevices: 100 }));
    // The mean is 14; 100 of it are 1,400, and sqrt(4,010 x 1,400) = 2,369.4.
    expect(damped[0]! / 65_536).toBe(10);
    expect(Math.floor(damped[999]! / 65_536)).toBe(2_369);
  });

  it('caps an owner, and a batch over all its owners', () => {
    const devices = owned([500, ...new Array<number>(500).fill(1)]);
    const byOwner = dampWeights(devices, ones(devices), rule({ ownerCapBps: 1_000 }));
    expect(sumOf(byOwner, devices, 0) / 65_536).toBeGreaterThan(99);
    expect(sumOf(byOwner, devices, 0) / 65_536).toBeLessThanOrEqual(100);
    const farm = owned(new Array<number>(1_000).fill(1), (owner) => (owner < 300 ? 7 : 1_000 + owner));
    const byBatch = dampWeights(farm, ones(farm), rule({ batchCapBps: 1_000 }));
    const captured = byBatch.slice(0, 300).reduce((sum, weight) => sum + weight, 0);
    expect(captured / 65_536).toBeGreaterThan(99);
    expect(captured / 65_536).toBeLessThanOrEqual(100);
    expect(byBatch[300]).toBe(65_536);
  });

  it('never takes less than twice an even share', () => {
    const two = owned([60, 40]);
    const strict = { ownerFreeDevices: 1, ownerCapBps: 1, batchCapBps: 1 };
    const batches = two.map(({ owner }) => ({ owner, maker: 1, batch: owner }));
    expect(dampWeights(batches, ones(two), strict)).toEqual(ones(two));
  });

  it('scales less where weights are great, and keeps them 32 bits', () => {
    const devices = owned([1, 1, 1, 1, 1]);
    const damped = dampWeights(devices, [0xffff_ffff, 1, 1, 1, 1], rule({ ownerCapBps: 1 }));
    // Twice an even share of five is 40%.
    expect(damped).toEqual([Math.floor(((0xffff_ffff + 4) * 4_000) / 10_000), 1, 1, 1, 1]);
  });

  const pool = fc.array(
    fc.record({
      owner: fc.integer({ min: 0, max: 9 }),
      maker: fc.integer({ min: 1, max: 2 }),
      batch: fc.integer({ min: 1, max: 3 }),
      weight: fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 0xffff_ffff })),
    }),
    { minLength: 1, maxLength: 80 },
  );
  const rules = fc.record({
    ownerFreeDevices: fc.integer({ min: 0, max: 20 }),
    ownerCapBps: fc.integer({ min: 1, max: 10_000 }),
    batchCapBps: fc.integer({ min: 1, max: 10_000 }),
  });

  it('gives 32-bit weights of at least 1, favours nobody, and keeps order within an owner’s batch', () => {
    fc.assert(
      fc.property(pool, rules, (devices, damping) => {
        const weights = devices.map(({ weight }) => weight);
        const damped = dampWeights(devices, weights, damping);
        const most = Math.max(...devices.map((_, i) => damped[i]! / weights[i]!));
        for (const [i, a] of devices.entries()) {
          expect(Number.isInteger(damped[i]) && damped[i]! >= 1 && damped[i]! <= 0xffff_ffff).toBe(true);
          for (const [j, b] of devices.entries()) {
            if (a.owner !== b.owner || a.maker !== b.maker || a.batch !== b.batch) continue;
            if (weights[i]! <= weights[j]!) expect(damped[i]).toBeLessThanOrEqual(damped[j]!);
          }
        }
        expect(most).toBeLessThanOrEqual(65_536);
      }),
    );
  });

  it('never gives an owner less for one device more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 64 }), (count, free) => {
        const share = (n: number): number => {
          const devices = owned([n, ...new Array<number>(500).fill(1)]);
          const damped = dampWeights(devices, ones(devices), rule({ ownerFreeDevices: free }));
          return sumOf(damped, devices, 0) / damped.reduce((sum, weight) => sum + weight, 0);
        };
        expect(share(count + 1)).toBeGreaterThanOrEqual(share(count) * 0.999);
      }),
      { numRuns: 50 },
    );
  });
});
