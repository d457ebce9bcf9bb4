import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextEvidence, type ReputationEvidence, reputation } from './reputation.js';

const NO_EVIDENCE: ReputationEvidence = { answered: 0, missed: 0 };
const KEEP = { reputationDecayPpm: 1_000_000 };
const DECAY = { reputationDecayPpm: 990_000 };

it.each([
  // answers, misses, reputation ppm: (1 + a) / (2 + a + m)
  [0, 0, 500_000],
  [1, 0, 666_666],
  [0, 1, 333_333],
  [98, 0, 990_000],
  [0, 98, 10_000],
  [3, 1, 666_666],
])('%i answers and %i misses give %i ppm', (answers, misses, ppm) => {
  expect(reputation(nextEvidence(KEEP, NO_EVIDENCE, answers, misses))).toBe(ppm);
});

describe('evidence', () => {
  it('fades towards the prior', () => {
    let evidence: ReputationEvidence = nextEvidence(DECAY, NO_EVIDENCE, 100, 0);
    expect(evidence).toEqual({ answered: 100_000_000, missed: 0 });
    evidence = nextEvidence(DECAY, evidence, 0, 1);
    expect(evidence).toEqual({ answered: 99_000_000, missed: 1_000_000 });
    for (let epoch = 0; epoch < 2_000; epoch++) evidence = nextEvidence(DECAY, evidence, 0, 0);
    expect(reputation(evidence)).toBe(500_000);
  });

  it('rises with answers, falls with misses, stays within 0 and a million', () => {
    const count = fc.nat(Number.MAX_SAFE_INTEGER);
    fc.assert(
      fc.property(fc.array(fc.tuple(count, count), { maxLength: 20 }), fc.nat(2_000_000), (epochs, ppm) => {
        const parameters = { reputationDecayPpm: ppm };
        let evidence = NO_EVIDENCE;
        for (const [answers, misses] of epochs)
          evidence = nextEvidence(parameters, evidence, answers, misses);
        const now = reputation(evidence);
        expect(Number.isSafeInteger(now) && now >= 0 && now <= 1_000_000).toBe(true);
        expect(reputation(nextEvidence(KEEP, evidence, 1, 0))).toBeGreaterThanOrEqual(now);
        expect(reputation(nextEvidence(KEEP, evidence, 0, 1))).toBeLessThanOrEqual(now);
      }),
    );
  });
});
