import { expect, test } from 'vitest';
import { keyPairFromSeed, sign } from './ed25519.js';
import { Prng } from './prng.js';
import { sha256 } from './sha256.js';
import { SignatureChecker } from './signature-checker.js';

const pair = keyPairFromSeed(new Uint8Array(32).fill(3));
const other = keyPairFromSeed(new Uint8Array(32).fill(4));
const digestOf = (n: number) => sha256(Uint8Array.of(n, n >> 8));
const flipped = (bytes: Uint8Array, at: number) => bytes.map((b, i) => (i === at ? b ^ 1 : b));

test('a valid signature is verified once', () => {
  const checker = new SignatureChecker();
  const digest = digestOf(1);
  const signature = sign(digest, pair.secretKey);
  for (let i = 0; i < 3; i++) expect(checker.verify(signature, digest, pair.publicKey)).toBe(true);
  expect(checker.stats).toEqual({ hits: 2, misses: 1, invalid: 0, marked: 0 });
});

test('a cached signature vouches for no other byte of signature, digest or key', () => {
  const checker = new SignatureChecker();
  const digest = digestOf(2);
  const signature = sign(digest, pair.secretKey);
  expect(checker.verify(signature, digest, pair.publicKey)).toBe(true);
  for (let i = 0; i < 64; i++)
    expect(checker.verify(flipped(signature, i), digest, pair.publicKey)).toBe(false);
  for (let i = 0; i < 32; i++) {
    expect(checker.verify(signature, flipped(digest, i), pair.publicKey)).toBe(false);
    expect(checker.verify(signature, digest, flipped(pair.publicKey, i))).toBe(false);
  }
  expect(checker.verify(signature, digest, other.publicKey)).toBe(false);
  expect(checker.stats.hits).toBe(0);
});

test('invalid signatures are not remembered', () => {
  const checker = new SignatureChecker();
  const signature = new Uint8Array(64).fill(1);
  for (let i = 0; i < 2; i++) expect(checker.verify(signature, digestOf(3), pair.publicKey)).toBe(false);
  expect(checker.stats).toEqual({ hits: 0, misses: 2, invalid: 2, marked: 0 });
});

test('wrong lengths are invalid even where a prefix is cached', () => {
  const checker = new SignatureChecker();
  const digest = digestOf(4);
  const signature = sign(digest, pair.secretKey);
  checker.markValid(signature, digest, pair.publicKey);
  expect(checker.verify(signature.subarray(0, 63), digest, pair.publicKey)).toBe(false);
  expect(checker.verify(signature, digest.subarray(0, 31), pair.publicKey)).toBe(false);
  expect(checker.verify(signature, digest, pair.publicKey.subarray(0, 31))).toBe(false);
  expect(checker.verify(signature, digest, new Uint8Array(0))).toBe(false);
  expect(() => checker.markValid(signature.subarray(1), digest, pair.publicKey)).toThrow('64 bytes');
});

test('a marked signature is not verified again', () => {
  const checker = new SignatureChecker();
  const digest = digestOf(5);
  const signature = sign(digest, pair.secretKey);
  checker.markValid(signature, digest, pair.publicKey);
  checker.markValid(signature, digest, pair.publicKey);
  expect(checker.verify(signature, digest, pair.publicKey)).toBe(true);
  expect(checker.stats).toEqual({ hits: 1, misses: 0, invalid: 0, marked: 1 });
});

test('signatures of several keys over one digest do not displace one another below the limit', () => {
  const checker = new SignatureChecker(1024);
  const digest = digestOf(6);
  const pairs = Array.from({ length: 16 }, (_, i) => keyPairFromSeed(sha256(Uint8Array.of(i))));
  const signed = pairs.map(({ publicKey, secretKey }) => ({ publicKey, signature: sign(digest, secretKey) }));
  for (let round = 0; round < 2; round++) {
    for (const { publicKey, signature } of signed) {
      expect(checker.verify(signature, digest, publicKey)).toBe(true);
    }
  }
  expect(checker.stats.hits).toBe(16);
});

test('it is bounded: the oldest of a full set leaves, the newest stays', () => {
  const checker = new SignatureChecker(4);
  const signed = Array.from({ length: 6 }, (_, i) => {
    const digest = digestOf(100 + i);
    return { digest, signature: sign(digest, pair.secretKey) };
  });
  for (const { digest, signature } of signed) checker.verify(signature, digest, pair.publicKey);
  const hitsBefore = checker.stats.hits;
  for (const { digest, signature } of signed.slice(2)) checker.verify(signature, digest, pair.publicKey);
  expect(checker.stats.hits - hitsBefore).toBe(4);
  checker.verify(signed[0]!.signature, signed[0]!.digest, pair.publicKey);
  expect(checker.stats.misses).toBe(7);
  for (const bad of [3, 2 ** 25, 4.5]) expect(() => new SignatureChecker(bad)).toThrow('limit');
});

test('the sets fill evenly: half a table of entries nearly all stay', () => {
  const checker = new SignatureChecker(4096);
  const prng = new Prng('sets');
  const entries = Array.from(
    { length: 2048 },
    () => [prng.bytes(64), prng.bytes(32), prng.bytes(32)] as const,
  );
  for (const entry of entries) checker.markValid(...entry);
  for (const entry of entries) checker.markValid(...entry);
  // With an even spread (Poisson, 2 on sets of 4) some 14 % of entries lie in overflowing sets.
  expect(checker.stats.marked).toBeLessThan(2048 * 1.2);
});
