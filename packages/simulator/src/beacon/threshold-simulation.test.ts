import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { describe, expect, it } from 'vitest';
import { Simulation } from '../simulation.js';

describe('a whole simulated network with threshold seeds', () => {
  it('makes its key and opens its epochs through faults, with every rule kept', () => {
    const { violation, coverage } = new Simulation({
      ...{ seed: 4, epochs: 5, devices: 12, transactions: 50, trustNodes: 4, ledgerServers: 4 },
      parameters: { seedSource: SEED_SOURCE.threshold, beaconThreshold: 3, beaconStepMs: 1_000 },
    }).run();
    expect(violation?.message).toBeUndefined();
    expect(coverage.epochs).toBeGreaterThanOrEqual(5);
    expect(coverage.thresholdSeeds).toBe(coverage.epochs);
  });
});
