import { MAX_SUPPLY } from '@iotw/protocol/limits';
import { DEVNET_PARAMETERS } from '@iotw/protocol/parameters';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issuance, settle, type Work } from './rewards.js';

describe('issuance', () => {
  it.each([
    // perDevice, decayPpt, present, pool, issued
    [10_000, 100_000_000, 0, 9_000_000_000, 0],
    [10_000, 100_000_000, 1, 9_000_000_000, 10_000],
    [10_000, 100_000_000, 90, 9_000_000_000, 900_000],
    [10_000, 100_000_000, 91, 9_000_000_000, 900_000],
    [10_000, 100_000_000, 5, 9_999, 0],
    [10_000, 100_000_000, 5, 10_000, 1],
    [0, 100_000_000, 5, 9_000_000_000, 0],
    [10_000, 0, 5, 9_000_000_000, 0],
    [1, 1_000_000_000_000, 7, 5, 5],
    [1, Number.MAX_SAFE_INTEGER, 7, 5, 5],
    [10_000, 100_000_000, 5, 0, 0],
    // Finer than a millionth: a pool of 9 x 10^9 IOTW, one part in 10^12 of it and of the pool below.
    [10_000, 1, 1_048_576, MAX_SUPPLY, 9_000],
    [10_000, 1, 1_048_576, 999_999_999_999, 0],
    [10_000, 100_000, 1_048_576, MAX_SUPPLY, 900_000_000],
    // 2^53-1 per device: the product is never formed.
    [Number.MAX_SAFE_INTEGER, 1_000_000_000_000, 1_048_576, MAX_SUPPLY, MAX_SUPPLY],
  ])('of %i each, decay %i ppt, %i present, pool %i is %i', (each, decay, present, pool, issued) => {
    expect(issuance({ issuancePerDevice: each, poolDecayPpt: decay }, present, pool)).toBe(issued);
  });

  it('is the exact minimum and never more than the pool', () => {
    const amounts = fc.integer({ min: 0, max: MAX_SUPPLY });
    fc.assert(
      fc.property(amounts, fc.maxSafeNat(), fc.nat(1 << 20), amounts, (each, decay, present, pool) => {
        const parameters = { issuancePerDevice: each, poolDecayPpt: decay };
        const cap = (BigInt(pool) * BigInt(Math.min(decay, 1_000_000_000_000))) / 1_000_000_000_000n;
        const wanted = BigInt(each) * BigInt(present);
        expect(BigInt(issuance(parameters, present, pool))).toBe(wanted < cap ? wanted : cap);
      }),
    );
  });
});

describe('settlement', () => {
  it('divides by role and count and leaves the remainders', () => {
    const work = {
      miners: [
        [4, 1],
        [9, 2],
      ],
      witnesses: [
        [4, 3],
        [5, 3],
        [6, 1],
      ],
      trustNodes: [[0, 7]],
    } satisfies Record<string, Work>;
    // 1,001: miners 400, witnesses 400, trust nodes 150 (150.15 floored), data 50.05 held back.
    expect(settle(DEVNET_PARAMETERS, 1_001, work)).toEqual({
      miners: [
        { number: 4, count: 1, amount: 133 },
        { number: 9, count: 2, amount: 266 },
      ],
      witnesses: [
        { number: 4, count: 3, amount: 171 },
        { number: 5, count: 3, amount: 171 },
        { number: 6, count: 1, amount: 57 },
      ],
      trustNodes: [{ number: 0, count: 7, amount: 150 }],
      paid: 133 + 266 + 171 + 171 + 57 + 150,
    });
  });

  it('pays nobody where nobody worked', () => {
    const nothing = { miners: [], witnesses: [], trustNodes: [[1, 0]] } satisfies Record<string, Work>;
    expect(settle(DEVNET_PARAMETERS, 1_000, nothing)).toEqual({
      miners: [],
      witnesses: [],
      trustNodes: [],
      paid: 0,
    });
  });

  it('never pays more than was issued; equal work is paid alike, remainders are below one unit a payment', () => {
    const work = fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000_000)), { maxLength: 30 });
    const shares = fc
      .tuple(fc.nat(10_000), fc.nat(10_000), fc.nat(10_000))
      .map(([a, b, c]) => [a, b, c].sort((x, y) => x - y) as [number, number, number])
      .map(([a, b, c]) => ({ minerShareBps: a, witnessShareBps: b - a, trustNodeShareBps: c - b }));
    fc.assert(
      fc.property(
        shares,
        fc.nat(MAX_SUPPLY),
        work,
        work,
        work,
        (parameters, issued, miners, witnesses, trustNodes) => {
          const settled = settle(parameters, issued, { miners, witnesses, trustNodes });
          const all = [...settled.miners, ...settled.witnesses, ...settled.trustNodes];
          const sum = all.reduce((total, { amount }) => total + BigInt(amount), 0n);
          expect(sum <= BigInt(issued)).toBe(true);
          expect(BigInt(settled.paid)).toBe(sum);
          const share = (BigInt(issued) * BigInt(parameters.minerShareBps)) / 10_000n;
          const paid = settled.miners.reduce((total, { amount }) => total + BigInt(amount), 0n);
          if (settled.miners.length > 0) expect(share - paid < BigInt(settled.miners.length)).toBe(true);
          const byCount = new Map(settled.miners.map(({ count, amount }) => [count, amount]));
          for (const { count, amount } of settled.miners) expect(amount).toBe(byCount.get(count));
        },
      ),
    );
  });
});
