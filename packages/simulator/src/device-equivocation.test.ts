import { DeviceWatch } from '@iotw/nodes/trust-node/device-watch';
import { Host } from '@iotw/nodes/trust-node/host';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { holding } from './adversaries/adversary.js';
import { EquivocatingDevices } from './adversaries/equivocating-device.js';
import { FramingTrustNode } from './adversaries/framing-trust-node.js';
import { DEFAULT_SIZE, type Measures, Simulation } from './simulation.js';

/** A term that no run outlasts. */
const PARAMETERS = { blacklistEpochs: 100 };
const SIZE = {
  ...DEFAULT_SIZE,
  epochs: 3,
  devices: 24,
  transactions: 300,
  calm: true,
  parameters: PARAMETERS,
};
const EQUIVOCATORS = [3, 11];
const FRAMER = 1;

afterEach(() => {
  vi.restoreAllMocks();
});

/** A calm network in which nobody but the nodes themselves could send evidence. */
function equivocating(seed: number): Measures {
  const simulation = new Simulation({
    ...SIZE,
    seed,
    adversary: (world) => [new EquivocatingDevices(world, holding({ devices: EQUIVOCATORS }), 0)],
  });
  expect(simulation.run().violation).toBeUndefined();
  return simulation.measures();
}

function framing(seed: number): Measures {
  const simulation = new Simulation({
    ...SIZE,
    seed,
    adversary: (world) => [new FramingTrustNode(world, FRAMER, 300)],
  });
  const { violation, coverage } = simulation.run();
  expect(violation).toBeUndefined();
  expect(coverage['attack framing-trust-node']).toBeGreaterThan(0);
  return simulation.measures();
}

describe('a device that signs one number twice', () => {
  it.each([1, 2])('is blacklisted though nobody outside sends evidence (seed %i)', (seed) => {
    expect(equivocating(seed).blacklisted).toEqual(EQUIVOCATORS);
  });

  it('goes by where the nodes do not watch', () => {
    vi.spyOn(DeviceWatch.prototype, 'due').mockReturnValue([]);
    expect(equivocating(1).blacklisted).toEqual([]);
  });
});

describe('an honest device that was shown another header', () => {
  it.each([1, 2])('is taken back on the appeal of its host (seed %i)', (seed) => {
    expect(framing(seed).blacklisted).toEqual([]);
  });

  it('stays out where no host appeals', () => {
    vi.spyOn(Host.prototype, 'appeals').mockReturnValue([]);
    expect(framing(1).blacklisted.length).toBeGreaterThan(0);
  });
});
