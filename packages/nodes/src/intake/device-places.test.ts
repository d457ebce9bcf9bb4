import { RESULT_CODES } from '@iotw/protocol/result';
import { describe, expect, it } from 'vitest';
import { DevicePlaces } from './device-places.js';

const limits = { perDevice: 2, keptEpochs: 10, devices: 3 };

describe('a device’s places', () => {
  it.each<[what: string, result: number | undefined, again: boolean]>([
    ['was applied', 0, true],
    ['failed at its sender’s cost', RESULT_CODES['balance-too-low'], true],
    ['was not taken in', undefined, true],
    ['had no account', RESULT_CODES['sender-unknown'], false],
    ['could not pay its floor', RESULT_CODES['fee-unpaid'], false],
    ['used a sequence again', RESULT_CODES['sequence-used'], false],
    ['had expired', RESULT_CODES['transaction-expired'], false],
    ['could not be read', RESULT_CODES['transaction-malformed'], false],
    ['stood in the block twice', RESULT_CODES['transaction-duplicate'], false],
  ])('one that %s: %s, free again: %s', (_what, result, again) => {
    const places = new DevicePlaces(limits);
    expect([places.take('a', 5), places.take('a', 5), places.take('a', 5)]).toEqual([true, true, false]);
    places.leave('a', result, 5);
    places.leave('a', result, 5);
    expect(places.take('a', 5)).toBe(again);
    expect(places.take('b', 5)).toBe(true);
  });

  it('are free again after their epochs, and not before', () => {
    const places = new DevicePlaces(limits);
    for (const epoch of [3, 4]) {
      expect(places.take('a', epoch)).toBe(true);
      places.leave('a', RESULT_CODES['fee-unpaid'], epoch);
    }
    expect(places.take('a', 12)).toBe(false);
    expect(places.take('a', 13)).toBe(true);
  });

  it('are remembered of so many devices', () => {
    const places = new DevicePlaces({ ...limits, perDevice: 1 });
    for (const device of ['a', 'b', 'c', 'd']) expect(places.take(device, 0)).toBe(true);
    expect(places.take('d', 0)).toBe(false);
    expect(places.take('a', 0)).toBe(true);
    places.leave('b', RESULT_CODES['fee-unpaid'], 0);
  });
});
