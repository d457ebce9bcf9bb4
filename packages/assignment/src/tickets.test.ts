import { Prng } from '@iotw/kernel/prng';
import { DEVNET_PARAMETERS, ELECTION_MODE } from '@iotw/protocol/parameters';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  devicesWithTickets,
  hasZeroBits,
  sortition,
  type TicketPool,
  ticketBits,
  ticketsWon,
} from './tickets.js';

function pool(count: number, change: Partial<TicketPool['parameters']> = {}): TicketPool {
  return {
    mode: 'vrf',
    parameters: { ...DEVNET_PARAMETERS, electionMode: ELECTION_MODE.vrf, ...change },
    devices: Array.from({ length: count }, (_, device) => ({
      device,
      key: new Uint8Array(32),
      host: 0,
      maker: 1,
      region: 0,
      owner: device,
      weight: 1 + device,
      deviceClass: 0,
    })),
  };
}

/** An output whose first 32 bytes are this fraction of 2^256. */
function outputOf(fraction: bigint): Uint8Array {
  const output = new Uint8Array(64);
  for (let i = 0; i < 32; i++) output[i] = Number((fraction >> BigInt(8 * i)) & 0xffn);
  return output;
}

describe('the bits that must be zero', () => {
  it.each([
    [0, 64, 0],
    [8, 64, 0],
    [127, 64, 0],
    [128, 64, 1],
    [1_000, 64, 3],
    [1_024, 64, 4],
    [1_048_576, 1, 20],
  ])('%i devices, target %i: %i', (devices, target, bits) => {
    expect(ticketBits(devices, target)).toBe(bits);
  });

  it('keep the expected winners between the target and its double', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1 << 20 }),
        fc.integer({ min: 1, max: 512 }),
        (devices, target) => {
          const expected = devices / 2 ** ticketBits(devices, target);
          expect(expected).toBeGreaterThanOrEqual(Math.min(devices, target));
          expect(expected).toBeLessThan(Math.max(2 * target, devices === target ? 2 * target : 0));
        },
      ),
    );
  });

  it.each([
    [[0xff], 0, true],
    [[0xfe], 1, true],
    [[0xf0], 4, true],
    [[0xf0], 5, false],
    [[0x00, 0x02], 9, true],
    [[0x00, 0x02], 10, false],
  ])('%j has %i: %s', (bytes, bits, zero) => {
    expect(hasZeroBits(Uint8Array.from(bytes), bits)).toBe(zero);
  });
});

describe('sortition', () => {
  // Binomial(2, 1/4): 9/16, 6/16, 1/16.
  const edge = (sixteenths: bigint): bigint => (sixteenths << 256n) / 16n;
  it.each([
    [0n, 0],
    [edge(9n) - 2n, 0],
    [edge(9n), 1],
    [edge(15n) - 2n, 1],
    [edge(15n), 2],
    [(1n << 256n) - 1n, 2],
  ])('weight 2 of 4 at target 1, fraction %s: %i', (fraction, wins) => {
    expect(sortition(outputOf(fraction), 2, 4, 1)).toBe(wins);
  });

  it('gives every unit where there are no more than are wanted', () => {
    expect(sortition(outputOf((1n << 256n) - 1n), 7, 64, 64)).toBe(7);
  });

  it('is at most the weight, rises with the fraction, and takes the largest weights and targets', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 0xffff_ffff }),
        fc.integer({ min: 0, max: 2 ** 50 }),
        fc.integer({ min: 1, max: 512 }),
        fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }),
        (weight, others, target, fraction) => {
          const total = weight + others;
          const wins = sortition(outputOf(fraction), weight, total, target);
          expect(wins).toBeLessThanOrEqual(weight);
          const higher = fraction + ((1n << 256n) - fraction) / 2n;
          expect(sortition(outputOf(higher), weight, total, target)).toBeGreaterThanOrEqual(wins);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('draws the binomial’s mean and variance, however the weight is split', () => {
    const prng = new Prng(7);
    const draw = (weight: number): number => sortition(prng.bytes(64), weight, 1_000, 100);
    const runs = 4_000;
    const whole = Array.from({ length: runs }, () => draw(50));
    const split = Array.from({ length: runs }, () => draw(20) + draw(30));
    for (const sample of [whole, split]) {
      const mean = sample.reduce((sum, wins) => sum + wins, 0) / runs;
      const variance = sample.reduce((sum, wins) => sum + (wins - mean) ** 2, 0) / runs;
      expect(mean).toBeGreaterThan(4.8);
      expect(mean).toBeLessThan(5.2);
      expect(variance).toBeGreaterThan(4.1);
      expect(variance).toBeLessThan(4.9);
    }
  });
});

describe('the pool that tickets leave', () => {
  const winners = (count: number) => (device: number) => (device < count ? 1 : 0);

  it('holds the winners with their frozen weights, or with as much weight as tickets', () => {
    expect(devicesWithTickets(pool(100), winners(40))?.map(({ weight }) => weight)).toEqual(
      Array.from({ length: 40 }, (_, i) => 1 + i),
    );
    const weighted = pool(100, { ticketWeight: ELECTION_MODE.stake });
    expect(devicesWithTickets(weighted, (device) => (device < 4 ? 20 : 0))?.map((d) => d.weight)).toEqual([
      20, 20, 20, 20,
    ]);
  });

  it.each([
    ['none', 100, 64, 0, false],
    ['fewer than half of the target', 100, 64, 31, false],
    ['half of the target', 100, 64, 32, true],
    ['fewer than half of a small pool', 20, 64, 9, false],
    ['half of a small pool', 20, 64, 10, true],
    ['fewer than a committee', 6, 64, 3, false],
    ['a committee', 6, 64, 4, true],
  ])('%s: %i devices, target %i, %i winners: %s', (_, devices, ticketTarget, count, enough) => {
    expect(devicesWithTickets(pool(devices, { ticketTarget }), winners(count)) !== undefined).toBe(enough);
  });

  it('counts one ticket for enough zero bits in the plain variant, whatever the weight', () => {
    const plain = pool(128);
    expect(ticketsWon(plain, 100, outputOf(2n))).toBe(1);
    expect(ticketsWon(plain, 100, outputOf(1n))).toBe(0);
    expect(ticketsWon(pool(128, { ticketWeight: 1 }), 127, outputOf((1n << 256n) - 1n))).toBeGreaterThan(5);
  });
});
