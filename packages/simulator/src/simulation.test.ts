import { describe, expect, it } from 'vitest';
import { PLANTS } from './plants/plants.js';
import { DEFAULT_SIZE, Simulation, type SimulationOptions } from './simulation.js';

/** Small enough for a unit test; the whole suite of seeds is a step of its own (npm test -- simulation). */
const SMALL = { ...DEFAULT_SIZE, epochs: 3, devices: 20, transactions: 250 };
const SEEDS = 12;

function run(options: Partial<SimulationOptions>) {
  return new Simulation({ ...SMALL, seed: 1, ...options }).run();
}

describe('a simulation', () => {
  it('keeps every rule, with faults that happened', () => {
    const result = run({ seed: 4 });
    expect(result.violation).toBeUndefined();
    expect(result.coverage.epochs).toBeGreaterThanOrEqual(3);
    expect(result.coverage.restarts).toBeGreaterThan(0);
    expect(result.coverage.finalTransactions).toBeGreaterThan(150);
  });

  it('of one seed is the same bit for bit, of another seed it is not', () => {
    const lines: string[][] = [[], []];
    const first = run({ seed: 7, trace: (line) => lines[0]!.push(line) });
    const second = run({ seed: 7, trace: (line) => lines[1]!.push(line) });
    expect(second).toEqual(first);
    expect(lines[1]).toEqual(lines[0]);
    expect(run({ seed: 8 }).digest).not.toBe(first.digest);
  });
});

describe('a planted bug', () => {
  it.each(PLANTS.map((plant) => [plant.name, plant.breaks, plant] as const))(
    '%s is caught by %s',
    (_name, breaks, plant) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { violation } = run({ seed, plant });
        if (violation === undefined) continue;
        expect(violation.invariant, violation.message).toBe(breaks);
        return;
      }
      throw new Error(`${SEEDS} seeds went by`);
    },
  );

  it('there is for every invariant', () => {
    expect(new Set(PLANTS.map(({ breaks }) => breaks))).toEqual(
      new Set([
        'supply-conserved',
        'no-double-spend',
        'equal-state',
        'certificates-valid',
        'one-vote',
        'attestation-numbers',
        'final-is-kept',
        'lanes-progress',
        'epochs-progress',
        'transactions-settle',
      ]),
    );
  });
});
