import { describe, expect, it } from 'vitest';
import { blacklistTerm, Removals, removesDevices } from './removals.js';

describe('the term of a blacklisted device', () => {
  it.each([
    [0, 1, 4],
    [6, 2, 11],
    [6, 0, Number.POSITIVE_INFINITY],
  ])('in epoch %i with blacklistEpochs %i ends when epoch %d begins', (epoch, blacklistEpochs, ends) => {
    expect(blacklistTerm(epoch, { blacklistEpochs })).toBe(ends);
  });
});

describe('removals', () => {
  const covered = (removals: Removals, rounds: readonly number[]) =>
    rounds.map((round) => removals.covers(7, round));

  it('last from their round until the epoch begins that ends the term, that round included', () => {
    const removals = new Removals();
    removals.remove(7, 10, 5);
    removals.epochBegins(4, 20);
    removals.epochBegins(5, 30);
    expect(covered(removals, [9, 10, 20, 21, 30, 31])).toEqual([false, true, true, true, true, false]);
    expect(removals.covers(8, 10)).toBe(false);
  });

  it('of two cases the longer term stands, whichever comes first', () => {
    for (const terms of [
      [5, 6],
      [6, 5],
    ]) {
      const removals = new Removals();
      terms.forEach((term, i) => {
        removals.remove(7, 10 + i, term);
      });
      removals.epochBegins(5, 30);
      removals.epochBegins(6, 40);
      expect(covered(removals, [10, 31, 40, 41])).toEqual([true, true, true, false]);
    }
  });

  it('end at once on appeal or by a vote, and what was removed in the state of a round stays so', () => {
    const removals = new Removals();
    removals.remove(7, 10, blacklistTerm(0, { blacklistEpochs: 0 }));
    removals.epochBegins(1_000, 15);
    removals.reinstate(7, 20);
    removals.remove(7, 25, 9);
    removals.reinstate(7, 28);
    removals.reinstate(7, 50);
    expect(covered(removals, [9, 10, 20, 21, 24, 25, 28, 29])).toEqual([
      ...[false, true, true, false],
      ...[false, true, true, false],
    ]);
  });
});

it.each([
  ['nothing but payments', [], ['transfer'], false],
  ['a failed attempt', [{}], ['transfer'], true],
  ['evidence among others', [], ['transfer', 'evidence'], true],
])('tells whether a block removes devices: %s', (_what, incoherent, types, removes) => {
  const block = { block: { certificate: { incoherent } } } as unknown as Parameters<typeof removesDevices>[0];
  const applied = [{ operations: types.map((type) => ({ type })) }] as unknown as Parameters<
    typeof removesDevices
  >[1];
  expect(removesDevices(block, applied)).toBe(removes);
});
