import { isPerson } from '@iotw/assignment/people';
import type { PoolDevice } from '@iotw/protocol/pool';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SIZE, Simulation, type SimulationOptions } from './simulation.js';

const SIZE = { ...DEFAULT_SIZE, epochs: 5, devices: 40, transactions: 300, people: true };

/** One run; of its certificates the people in each, and of its pools their part of the weight. */
function run(seed: number, options: Partial<SimulationOptions>) {
  const simulation = new Simulation({ ...SIZE, seed, ...options });
  expect(simulation.run().violation).toBeUndefined();
  const { rounds, pools } = simulation.history()[0]!;
  const people = simulation.genesis.devices.flatMap((device, number) => (isPerson(device) ? [number] : []));
  const seats = rounds.flatMap(({ input }) =>
    input.blocks.map(
      ({ certificate }) => certificate.attestations.filter(({ device }) => people.includes(device)).length,
    ),
  );
  const weigh = (devices: readonly PoolDevice[]) => devices.reduce((sum, { weight }) => sum + weight, 0);
  const shares = pools.map(({ devices }) => weigh(devices.filter(isPerson)) / weigh(devices));
  return { people, seats, shares, earned: simulation.measures().earned };
}

describe('people as witnesses', () => {
  it.each([
    [1, { calm: true, adversary: 'none' }],
    [2, {}],
  ])('are asked and paid, within their seat and their share (seed %i)', (seed, options) => {
    const { people, seats, shares, earned } = run(seed, options);
    expect(people.length).toBe(10);
    expect(Math.max(...seats)).toBe(1);
    for (const share of shares) expect(share).toBeLessThanOrEqual(0.1);
    expect(Math.max(...shares)).toBeGreaterThan(0.09);
    expect(people.some((device) => earned[device]! > 0)).toBe(true);
  });

  it('enter no pool where they have no seat', () => {
    const { seats, shares } = run(3, { calm: true, adversary: 'none', parameters: { userSeats: 0 } });
    expect(Math.max(...seats)).toBe(0);
    expect(shares.every((share) => share === 0)).toBe(true);
  });
});
