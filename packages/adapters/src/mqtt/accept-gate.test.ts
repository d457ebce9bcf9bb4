import { expect, it } from 'vitest';
import { addressKey, inspectFirstPacket } from './accept-gate.js';
import { KeyedBuckets, TokenBucket } from './token-bucket.js';

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
])('counts %s as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

it.each([
  [[], 'more'],
  [[0x10], 'more'],
  [[0x10, 0x80], 'more'],
  [[0x10, 2, 0], 'more'],
  [[0x10, 2, 0, 0], 'complete'],
  [[0x10, 2, 0, 0, 0x82], 'complete'],
  [[0x10, 98, ...Array<number>(98).fill(0)], 'complete'],
  [[0x10, 99], 'mqtt-connect-too-large'],
  [[0x10, 0xff, 0xff, 0xff, 0x7f], 'mqtt-connect-too-large'],
  [[0x10, 0xff, 0xff, 0xff, 0xff], 'mqtt-not-connect'],
  [[0x11, 2], 'mqtt-not-connect'],
  [[0x30, 2], 'mqtt-not-connect'],
  [[0x16, 3, 1], 'mqtt-not-connect'],
] as const)('first bytes %j: %s', (bytes, verdict) => {
  expect(inspectFirstPacket(Uint8Array.from(bytes), 100)).toBe(verdict);
});

it('lets a burst through, then the rate, and never saves more than the burst', () => {
  const bucket = new TokenBucket(10, 3, 0);
  expect([0, 0, 0, 0, 100, 100].map((at) => bucket.take(at))).toEqual([true, true, true, false, true, false]);
  expect([1e9, 1e9, 1e9, 1e9].map((at) => bucket.take(at))).toEqual([true, true, true, false]);
});

it('keeps a bounded number of addresses; the rest share one bucket, idle ones are forgotten', () => {
  const rates = new KeyedBuckets(1, 1, 3, 0);
  expect(['a', 'b', 'c', 'd', 'e', 'a'].map((key) => rates.take(key, 1))).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(rates.size).toBe(3);
  expect(rates.take('e', 5000)).toBe(true);
  expect(rates.size).toBe(1);
});
