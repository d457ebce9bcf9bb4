import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { describe, expect, it } from 'vitest';
import { linkCredentials, linkKeyPair, rawLinkKey } from './link-certificate.js';

// RFC 8032 7.1, tests 1 to 3.
const VECTORS = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  ],
] as const;

describe('a link certificate', () => {
  it.each(VECTORS)('of seed %s carries key %s and signs itself', (seed, key) => {
    const credentials = linkCredentials(fromHex(seed)!);
    const certificate = new X509Certificate(credentials.certificatePem);
    expect(toHex(linkKeyPair(fromHex(seed)!).publicKey)).toBe(key);
    expect(toHex(credentials.publicKey)).toBe(key);
    expect(toHex(rawLinkKey(certificate)!)).toBe(key);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('is the same bytes each time: no clock, no chance', () => {
    const seed = new Uint8Array(32).fill(5);
    expect(linkCredentials(seed)).toEqual(linkCredentials(seed));
  });

  it('has no link key of another kind', () => {
    const certificate = new X509Certificate(linkCredentials(new Uint8Array(32)).certificatePem);
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const other = new Proxy(certificate, {
      get: (target, name) => (name === 'publicKey' ? publicKey : Reflect.get(target, name)),
    });
    expect(rawLinkKey(other)).toBeUndefined();
  });

  it('refuses a seed that is not 32 bytes', () => {
    expect(() => linkCredentials(new Uint8Array(31))).toThrow('32 bytes');
  });
});
