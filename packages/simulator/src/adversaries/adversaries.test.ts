import { describe, expect, it } from 'vitest';
import { DEFAULT_SIZE, Simulation } from '../simulation.js';
import { ADVERSARY_NAMES } from './mix.js';

const SMALL = { ...DEFAULT_SIZE, epochs: 3, devices: 24, transactions: 200 };
const SEEDS = 6;

describe('an adversary', () => {
  it.each(ADVERSARY_NAMES)('%s acts, and every rule holds', (adversary) => {
    let acts = 0;
    for (let seed = 1; seed <= SEEDS && (seed <= 2 || acts === 0); seed++) {
      const { violation, coverage } = new Simulation({ ...SMALL, seed, adversary }).run();
      expect(violation, `seed ${seed}`).toBeUndefined();
      acts += coverage[`attack ${adversary}`] ?? 0;
    }
    expect(acts).toBeGreaterThan(0);
  });
});
