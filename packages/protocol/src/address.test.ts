import { fromHex, toHex } from '@iotw/kernel/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AddressPrefix, addressLength, decodeAddress, encodeAddress } from './address.js';

const ZERO = '00'.repeat(32);
const ONES = 'ff'.repeat(32);
const COUNT = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';

// Computed with an independent implementation written from the text of BIP-350.
const ADDRESSES: readonly (readonly [AddressPrefix, 0 | 1, string, string])[] = [
  ['iotw', 0, ZERO, 'iotw1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqs56qh7'],
  ['iotw', 0, COUNT, 'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p73lxycq'],
  ['tiotw', 1, COUNT, 'tiotw1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p75p8cuu'],
  ['tiotw', 0, ONES, 'tiotw1qrllllllllllllllllllllllllllllllllllllllllllllllllll7ml65jk'],
];
const MAIN = ADDRESSES[1]![3];

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['address-checksum', 'nothing', ''],
  ['address-checksum', 'prefix alone', 'iotw1'],
  ['address-checksum', 'one character changed', MAIN.replace('zqs', 'zqt')],
  ['address-checksum', 'one character missing', MAIN.slice(0, -1)],
  ['address-checksum', 'a neighbour pair swapped', MAIN.replace('rqszs', 'rqzss')],
  ['address-checksum', 'a leading blank', ` ${MAIN}`],
  ['address-checksum', 'a trailing line feed', `${MAIN}\n`],
  ['address-checksum', 'a Cyrillic look-alike', MAIN.replace('xycq', 'xy\u0441q')],
  ['address-checksum', 'a character beyond Latin-1', `${MAIN}\u{1F4A1}`],
  [
    'address-checksum',
    'the older bech32 checksum',
    'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7yrkgaz',
  ],
  ['address-checksum', 'prefix exchanged by hand', `t${MAIN}`],
  ['address-wrong-network', 'an address of the test network', ADDRESSES[2]![3]],
  ['address-case', 'all upper case', MAIN.toUpperCase()],
  ['address-case', 'mixed case', `${MAIN.slice(0, -1)}${MAIN.slice(-1).toUpperCase()}`],
  ['address-case', 'upper-case prefix', `IOTW${MAIN.slice(4)}`],
  ['address-version', 'version 2', 'iotw1qgqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7vg9n78'],
  ['address-length', '31 bytes', 'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50qvkhz85'],
  ['address-length', '33 bytes', 'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7qqcgd2wy'],
  ['address-length', 'no bytes', 'iotw1fur0xh'],
  ['address-length', 'a padding bit set', 'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50plvfj39j'],
  [
    'address-length',
    'a spare group of zero bits',
    'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7qeq6hfe',
  ],
  ['address-length', 'a megabyte', 'q'.repeat(1 << 20)],
];

// BIP-350, "Test vectors for Bech32m": a sound string is only of another network, unless it is in
// upper case, which our one textual form leaves out.
const BIP350_VALID: readonly (readonly [string, string])[] = [
  ['A1LQFN3A', 'address-case'],
  ['a1lqfn3a', 'address-wrong-network'],
  [
    'an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6',
    'address-wrong-network',
  ],
  ['abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx', 'address-wrong-network'],
  [
    '11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8',
    'address-wrong-network',
  ],
  ['split1checkupstagehandshakeupstreamerranterredcaperredlc445v', 'address-wrong-network'],
  ['?1v759aa', 'address-wrong-network'],
];
const BIP350_INVALID: readonly (readonly [string, string])[] = [
  ['\u00201xj0phk', 'address-checksum'],
  ['\u007f1g6xzxy', 'address-checksum'],
  ['\u00801vctc34', 'address-checksum'],
  [
    'an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4',
    'address-length',
  ],
  ['qyrz8wqd2c9m', 'address-checksum'],
  ['1qyrz8wqd2c9m', 'address-checksum'],
  ['y1b0jsk6g', 'address-checksum'],
  ['lt1igcx5c0', 'address-checksum'],
  ['in1muywd', 'address-checksum'],
  ['mm1crxm3i', 'address-checksum'],
  ['au1s5cgom', 'address-checksum'],
  ['M1VUXWEZ', 'address-case'],
  ['m1vuxwez', 'address-checksum'],
  ['16plkw9', 'address-checksum'],
  ['1p2gdwpf', 'address-checksum'],
  // Segregated-witness addresses: bech32 instead of bech32m, and mixed case.
  ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd', 'address-checksum'],
  ['tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf', 'address-checksum'],
  ['tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq', 'address-case'],
];

function codeOf(text: string, prefix: AddressPrefix = 'iotw'): string {
  const result = decodeAddress(text, prefix);
  return result.ok ? 'ok' : result.error.code;
}

describe('addresses', () => {
  it.each(ADDRESSES)('%s version %i of %s is %s', (prefix, version, hex, text) => {
    expect(encodeAddress(prefix, version, fromHex(hex)!)).toBe(text);
    expect(text.length).toBe(addressLength(prefix));
    const back = decodeAddress(text, prefix);
    expect(back.ok && { version: back.value.version, hex: toHex(back.value.payload) }).toEqual({
      version,
      hex,
    });
  });

  it.each(REFUSED)('refuses with %s: %s', (code, _what, text) => {
    expect(codeOf(text)).toBe(code);
  });

  it.each(BIP350_VALID)('BIP-350 valid %j: %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it.each(BIP350_INVALID)('BIP-350 invalid %j: %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('names the fix in the message', () => {
    const wrong = decodeAddress(MAIN, 'tiotw');
    expect(!wrong.ok && wrong.error.message).toMatch(
      /begins with "iotw1".*begin with "tiotw1".*select the other network/,
    );
    const short = decodeAddress(MAIN.slice(0, -1), 'iotw');
    expect(!short.ok && short.error.message).toMatch(/63 characters instead of 64/);
  });

  it('refuses to encode a payload of another length', () => {
    expect(() => encodeAddress('iotw', 0, new Uint8Array(31))).toThrow();
  });

  const payload = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const prefix = fc.constantFrom<AddressPrefix>('iotw', 'tiotw');
  const version = fc.constantFrom(0 as const, 1 as const);

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(prefix, version, payload, (p, v, bytes) => {
        const back = decodeAddress(encodeAddress(p, v, bytes), p);
        expect(back).toEqual({ ok: true, value: { version: v, payload: bytes } });
      }),
    );
  });

  it('detects up to four changed characters', () => {
    const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
    const edits = fc.uniqueArray(fc.tuple(fc.nat(58), fc.nat(30)), {
      minLength: 1,
      maxLength: 4,
      selector: (e) => e[0],
    });
    fc.assert(
      fc.property(prefix, version, payload, edits, (p, v, bytes, changes) => {
        const text = [...encodeAddress(p, v, bytes)];
        for (const [at, step] of changes) {
          const position = p.length + 1 + at;
          text[position] = alphabet[(alphabet.indexOf(text[position]!) + 1 + step) % 32]!;
        }
        expect(codeOf(text.join(''), p)).toBe('address-checksum');
      }),
    );
  });

  it('accepts one textual form only: every accepted text is what encode writes', () => {
    const spoilt = fc.tuple(payload, fc.nat(63), fc.string({ unit: 'grapheme', maxLength: 1 }));
    fc.assert(
      fc.property(spoilt, ([bytes, at, insert]) => {
        const good = encodeAddress('iotw', 0, bytes);
        const text = good.slice(0, at) + insert + good.slice(at + 1);
        const back = decodeAddress(text, 'iotw');
        if (back.ok) expect(encodeAddress('iotw', back.value.version, back.value.payload)).toBe(text);
      }),
    );
  });
});
