import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SequenceAllocator } from './sequence.js';

const take = (a: SequenceAllocator, reference?: string) => {
  const next = a.next(reference);
  return next.ok ? next.value : next.error.code;
};

describe('SequenceAllocator', () => {
  it('starts above the highest used and refuses the 65th open number', () => {
    const a = new SequenceAllocator(100);
    for (let n = 101; n <= 164; n++) expect(take(a)).toBe(n);
    expect(take(a)).toBe('sequence-window-full');
    a.settle(164);
    expect(take(a)).toBe('sequence-window-full');
    a.settle(101);
    expect(take(a)).toBe(165);
    expect(take(a)).toBe('sequence-window-full');
  });

  it('keeps the number of a retry', () => {
    const a = new SequenceAllocator();
    expect([take(a, 'x'), take(a, 'y'), take(a, 'x')]).toEqual([1, 2, 1]);
    a.settle(1);
    expect(take(a, 'x')).toBe(3);
  });

  it('hands out a released number again before a new one', () => {
    const a = new SequenceAllocator();
    expect([take(a), take(a), take(a)]).toEqual([1, 2, 3]);
    a.release(2);
    a.release(2);
    a.release(77);
    expect(a.open).toEqual([1, 3]);
    expect([take(a), take(a)]).toEqual([2, 4]);
  });

  it('follows what another wallet used', () => {
    const a = new SequenceAllocator(5);
    expect(take(a)).toBe(6);
    a.observe(80);
    expect(a.open).toEqual([]);
    expect(take(a)).toBe(81);
    a.observe(3);
    expect(take(a)).toBe(82);
  });

  it('never hands out a number that the ledger would refuse, in whatever order they are applied', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant({ kind: 'take' as const, pick: 0 }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('apply' as const), pick: fc.nat(63) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), pick: fc.nat(63) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), fc.nat(1000), (steps, start) => {
        const a = new SequenceAllocator(start);
        const used = new Set<number>();
        let highest = start;
        for (const { kind, pick } of steps) {
          if (kind === 'take') {
            take(a);
            continue;
          }
          const sequence = a.open[pick % Math.max(1, a.open.length)];
          if (sequence === undefined) continue;
          if (kind === 'release') {
            a.release(sequence);
            continue;
          }
          // The ledger's rule.
          expect(used.has(sequence)).toBe(false);
          expect(sequence - highest).toBeLessThanOrEqual(64);
          expect(highest - sequence).toBeLessThan(64);
          used.add(sequence);
          highest = Math.max(highest, sequence);
          a.settle(sequence);
        }
      }),
    );
  });
});
