import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeviceCode, decodeDeviceCode, encodeDeviceCode } from './device-code.js';

const NETWORK = new Uint8Array(32).fill(7);
const DEVICE = keyPairFromSeed(new Uint8Array(32).fill(1)).publicKey;
const OWNER = keyPairFromSeed(new Uint8Array(32).fill(2)).publicKey;
const CLAIM = {
  kind: 'claim',
  device: DEVICE,
  owner: OWNER,
  changes: 3,
  signature: new Uint8Array(64).fill(9),
} as const;
const TEXT = encodeDeviceCode(NETWORK, CLAIM);

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const code: fc.Arbitrary<DeviceCode> = fc.oneof(
  fc.record({ kind: fc.constant('device' as const), device: bytes(32) }),
  fc.record({
    kind: fc.constantFrom('claim' as const, 'accept' as const),
    device: bytes(32),
    owner: bytes(32),
    changes: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    signature: bytes(64),
  }),
);

describe('codes of devices', () => {
  it('give back what was written, in lower case, in capitals and broken into lines', () => {
    fc.assert(
      fc.property(code, bytes(32), (written, network) => {
        const text = encodeDeviceCode(network, written);
        expect(text).toMatch(/^iotw:(device|claim|accept)\/[a-z2-7]+$/);
        for (const form of [text, text.toUpperCase(), text.replace(/(.{20})/g, '$1\r\n '), ` ${text} `]) {
          expect(decodeDeviceCode(network, form)).toEqual({ ok: true, value: written });
        }
      }),
    );
  });

  it('are refused with any letter changed, left out or put in', () => {
    fc.assert(
      fc.property(
        code,
        fc.nat(),
        fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'),
        fc.constantFrom('change', 'drop', 'add'),
        (written, place, letter, how) => {
          const text = encodeDeviceCode(NETWORK, written);
          const start = text.indexOf('/') + 1;
          const at = start + (place % (text.length - start));
          const rest = text.slice(how === 'add' ? at : at + 1);
          const changed = text.slice(0, at) + (how === 'drop' ? '' : letter) + rest;
          fc.pre(changed !== text);
          expect(decodeDeviceCode(NETWORK, changed)).toMatchObject({
            ok: false,
            error: { code: 'device-code-damaged' },
          });
        },
      ),
    );
  });

  it.each([
    ['nothing', '', 'device-code-other'],
    ['an address', 'tiotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7', 'device-code-other'],
    ['a link', 'https://example.org/claim', 'device-code-other'],
    ['a kind that is none', TEXT.replace('claim', 'steal'), 'device-code-other'],
    ['an endless text', `iotw:claim/${'a'.repeat(500)}`, 'device-code-other'],
    ['the start alone', 'iotw:claim/', 'device-code-damaged'],
    ['another kind over the same bytes', TEXT.replace('claim', 'accept'), 'device-code-damaged'],
    ['letters that are none of base32', TEXT.replace(/.$/, '1'), 'device-code-damaged'],
    [
      'another network',
      encodeDeviceCode(new Uint8Array(32).fill(8), CLAIM).toUpperCase(),
      'device-code-network',
    ],
  ])('%s is refused', (_, text, refused) => {
    expect(decodeDeviceCode(NETWORK, text)).toMatchObject({ ok: false, error: { code: refused } });
  });
});
