import { describe, expect, it } from 'vitest';
import { type Figure, simulatedRow } from './adversary-rows.js';
import type { Sample } from './jobs/simulator-runs.js';
import type { Variant } from './jobs/variants.js';

const CALM: Sample = {
  epochs: 2,
  acts: 0,
  p99: 100,
  settled50: 50,
  settled99: 100,
  final: 1,
  earned: [10, 10, 10, 10],
  blacklisted: [],
  trustNodes: [0, 1].map(() => ({ earned: 20, bond: 1_000, suspended: false })),
  heldDevices: [],
  heldNodes: [],
  attackersMoney: 0,
  violation: undefined,
};
const VARIANT: Variant = {
  name: 'some',
  holds: '',
  base: '',
  seeds: 2,
  options: { epochs: 2, devices: 4, transactions: 1, trustNodes: 2, ledgerServers: 1 },
};

const value = (figures: readonly Figure[], label: string): number | undefined => {
  const found = figures.find((figure) => figure.label === label);
  return found !== undefined && 'interval' in found ? found.interval.value : undefined;
};

describe('a row of the table of adversaries', () => {
  it('holds devices against the same devices of the calm run, per epoch', () => {
    const attacked = { ...CALM, epochs: 4, earned: [5, 20, 20, 20], heldDevices: [0], blacklisted: [0, 2] };
    const { gain, cost, harm, broken } = simulatedRow(VARIANT, [attacked, attacked], [CALM, CALM]);
    expect(value(gain, 'its devices’ pay')).toBe(0.25);
    expect(value(cost, 'share of its devices blacklisted')).toBe(1);
    expect(value(harm, 'other devices’ pay')).toBe(1);
    expect(value(harm, 'honest devices blacklisted, a run')).toBe(1);
    expect(broken).toMatchObject({ value: 0, low: 0 });
    expect(broken!.high).toBeGreaterThan(0.5);
  });

  it('holds trust nodes with their bond and suspension', () => {
    const nodes = [
      { earned: 10, bond: 900, suspended: true },
      { earned: 20, bond: 1_000, suspended: false },
    ];
    const runs = [
      { ...CALM, trustNodes: nodes, heldNodes: [0] },
      { ...CALM, heldNodes: [1] },
    ];
    const { gain, cost } = simulatedRow(VARIANT, runs, [CALM, CALM]);
    expect(value(gain, 'its trust nodes’ pay')).toBe(0.75);
    expect(value(cost, 'its lanes suspended')).toBe(0.5);
    expect(value(cost, 'bond lost, coins')).toBe(50);
  });

  it('tells a run that stalls from one that breaks a rule', () => {
    const stalled = { ...CALM, violation: 'lanes-progress', final: 0 };
    const broken = { ...CALM, violation: 'supply-conserved' };
    const row = simulatedRow(VARIANT, [stalled, broken], [CALM, CALM]);
    expect(value(row.harm, 'runs that stall')).toBe(0.5);
    expect(value(row.harm, 'transactions final')).toBe(0.5);
    expect(row.broken!.value).toBe(0.5);
  });

  it('shows what victims lose', () => {
    const attacked = { ...CALM, earned: [2, 10, 10, 10], heldNodes: [0] };
    const row = simulatedRow({ ...VARIANT, victims: [0] }, [attacked, attacked], [CALM, CALM]);
    expect(value(row.harm, 'the victims’ pay')).toBe(0.2);
  });
});
