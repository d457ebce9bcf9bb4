import { describe, expect, it } from 'vitest';
import { brokenParameter, PARAMETER_BOUNDS } from './parameter-rules.js';
import { ASSIGNER, DEVNET_PARAMETERS, type Parameters, ParametersType } from './parameters.js';

const names = Object.keys(ParametersType.fields) as (keyof Parameters)[];
/** What is bounded by the others too, so that its own ends are not reached with the devnet's values. */
const TOGETHER: readonly string[] = [
  ...['miners', 'witnesses', 'ranksPerAttempt', 'beaconThreshold', 'assigner'],
  ...['minerShareBps', 'witnessShareBps', 'trustNodeShareBps', 'dataShareBps'],
];

describe('bounds of parameters', () => {
  it.each(names)('%s: its ends pass, what lies beyond them or is wider than the field does not', (name) => {
    const [least, most] = PARAMETER_BOUNDS[name];
    const of = (value: number) => brokenParameter({ ...DEVNET_PARAMETERS, [name]: value }, 4, 1);
    expect(most).toBeLessThan(Math.min(2 ** (8 * ParametersType.fields[name].fixedSize!), 2 ** 53));
    if (!TOGETHER.includes(name)) {
      expect(of(least)).toBeUndefined();
      expect(of(most)).toBeUndefined();
    }
    expect(of(least - 1)).toBe(`${name} must be ${least} to ${most}`);
    expect(of(most + 1)).toBe(`${name} must be ${least} to ${most}`);
    expect(of(Number.NaN)).toBeDefined();
  });

  it.each<[string, Partial<Parameters>]>([
    ['ranksPerAttempt must cover the committee', { miners: 10, witnesses: 7 }],
    ['beaconThreshold exceeds the ledger servers', { beaconThreshold: 5 }],
    ['assigner names API servers, and there is none', { assigner: ASSIGNER['api-server'] }],
    ['shares are together at most 10,000 basis points', { dataShareBps: 501 }],
  ])('%s', (told, change) => {
    expect(brokenParameter({ ...DEVNET_PARAMETERS, ...change }, 4, 0)).toBe(told);
  });
});
