import { describe, expect, it } from 'vitest';
import { DEFAULT_SIZE, Simulation } from '../simulation.js';
import { ADVERSARY_NAMES } from './mix.js';

const SMALL = { ...DEFAULT_SIZE, epochs: 3, devices: 24, transactions: 200 };
const SEEDS = 6;

const ACTING = [
  ['equivocating-trust-node'],
  ['framing-trust-node'],
  ['forging-lane'],
  ['silent-witness'],
  ['cherry-picking-host'],
  ['hasty-host'],
  ['eclipsing-host'],
  ['last-revealer'],
  ['lying-proposer'],
  ['double-signing-server'],
  ['lying-miner'],
  ['griefing-device'],
  ['colluding-committee'],
  ['withholding-device'],
  ['sleeping-majority'],
  ['equivocating-device'],
  ['extracted-keys'],
  ['hostile-sender'],
  ['sybil-farm'],
] as const;

describe('an adversary', () => {
  it.each(ACTING)('%s acts, and every rule holds', (adversary) => {
    let acts = 0;
    for (let seed = 1; seed <= SEEDS && (seed <= 2 || acts === 0); seed++) {
      const { violation, coverage } = new Simulation({ ...SMALL, seed, adversary }).run();
      expect(violation, `seed ${seed}`).toBeUndefined();
      acts += coverage[`attack ${adversary}`] ?? 0;
    }
    expect(acts).toBeGreaterThan(0);
  });

  it('has its row here, whichever it is', () => {
    expect(ACTING.map(([name]) => name)).toEqual(ADVERSARY_NAMES);
  });
});
