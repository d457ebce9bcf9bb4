import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalBytes, toHex, utf8 } from './bytes.js';
import { sha256, sha256Into } from './sha256.js';
import { domainTag, signingDigest } from './signing.js';

const reference = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

test('SHA-256 of FIPS 180-4 examples', () => {
  expect(toHex(sha256(utf8('')))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(toHex(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('sha256 and sha256Into agree with another implementation on views', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(5), (data, skip) => {
      const view = data.subarray(Math.min(skip, data.length));
      const out = new Uint8Array(40);
      sha256Into(out.subarray(4, 36), view);
      expect(out.subarray(4, 36)).toEqual(reference(view));
      expect([...out.subarray(0, 4), ...out.subarray(36)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
      expect(sha256(view)).toEqual(reference(view));
    }),
  );
  expect(() => sha256Into(new Uint8Array(31), utf8(''))).toThrow('32 bytes');
});

test('the signing digest is SHA-256(SHA-256(domain) || network || bytes)', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('iotw/v1/transaction', 'iotw/v1/block', ''),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 200 }),
      (domain, network, bytes) => {
        const expected = reference(reference(utf8(domain)), network, bytes);
        expect(signingDigest(domain, network, bytes)).toEqual(expected);
      },
    ),
  );
});

test('a long message outgrows the scratch, a short one after it is unaffected', () => {
  const network = new Uint8Array(32).fill(1);
  for (const length of [4031, 4032, 4033, 100_000, 5]) {
    const bytes = new Uint8Array(length).fill(length);
    const expected = reference(reference(utf8('d')), network, bytes);
    expect(signingDigest('d', network, bytes), `${length} bytes`).toEqual(expected);
  }
});

test('digests are fresh, domain tags are shared', () => {
  const network = new Uint8Array(32);
  const first = signingDigest('a', network, utf8('x'));
  const second = signingDigest('a', network, utf8('y'));
  expect(equalBytes(first, second)).toBe(false);
  expect(first).toEqual(signingDigest('a', network, utf8('x')));
  expect(domainTag('a')).toBe(domainTag('a'));
  expect(() => signingDigest('a', new Uint8Array(31), utf8(''))).toThrow('32 bytes');
});
