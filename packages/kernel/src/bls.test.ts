// Both variants and the basic suites run the published vectors and give the same answers.
import { readFileSync } from 'node:fs';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blsSign, blsVerify } from './bls.js';
import { blsVerifyOnG1, blsVerifyOnG2 } from './bls-basic.js';
import {
  BLS_ORDER,
  combineG1,
  combineG2,
  divideScalars,
  g1Base,
  isG1,
  readScalar,
  scalarBytes,
} from './bls-group.js';
import { concatBytes, fromHex, toHex, utf8 } from './bytes.js';
import { bls as browser } from './crypto/bls.browser.js';
import { bls as node } from './crypto/bls.node.js';
import { sha256 } from './sha256.js';

const hex = (text: string): Uint8Array => fromHex(text)!;

function vectors<T>(name: string): T {
  return JSON.parse(
    readFileSync(new URL(`../../../spec/vectors/external/${name}`, import.meta.url), 'utf8'),
  ) as T;
}

interface Wycheproof {
  testGroups: {
    publicKey: { pk: string };
    tests: { tcId: number; comment: string; msg: string; sig: string; result: 'valid' | 'invalid' }[];
  }[];
}

function wrongAnswers(
  file: string,
  verify: (pk: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean,
): { wrong: string[]; count: number } {
  const wrong: string[] = [];
  let count = 0;
  for (const group of vectors<Wycheproof>(file).testGroups) {
    for (const t of group.tests) {
      count++;
      if (verify(hex(group.publicKey.pk), hex(t.msg), hex(t.sig)) !== (t.result === 'valid'))
        wrong.push(t.comment);
    }
  }
  return { wrong, count };
}

/** The library reads keys and signatures of any length; the wrappers refuse all but one. */
const guarded =
  (verify: typeof blsVerify): typeof blsVerify =>
  (pk, message, signature) =>
    pk.length === 48 && signature.length === 96 && verify(pk, message, signature);

describe.each([
  ['node', node],
  ['browser', browser],
] as const)('%s variant', (_name, variant) => {
  test('Wycheproof BLS, proof-of-possession suite', () => {
    const told = wrongAnswers('wycheproof_bls_sig_g2_pop_verify_test.json', guarded(variant.verify));
    expect(told).toEqual({ wrong: [], count: 26 });
  });

  test('refuses the identity as a key and as a signature, and points that are not compressed', () => {
    const secret = scalarBytes(5n);
    const message = utf8('m');
    const signature = variant.sign(secret, message);
    const key = g1Base(5n);
    expect(variant.verify(key, message, signature)).toBe(true);
    const identityKey = new Uint8Array(48);
    identityKey[0] = 0xc0;
    const identity = new Uint8Array(96);
    identity[0] = 0xc0;
    expect(variant.verify(identityKey, message, identity)).toBe(false);
    expect(variant.verify(identityKey, message, signature)).toBe(false);
    const bare = signature.slice();
    bare[0]! &= 0x7f;
    expect(variant.verify(key, message, bare)).toBe(false);
  });
});

test('both variants make the same signatures', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 80 }),
      (raw, message) => {
        const secret = scalarBytes((BigInt(`0x${toHex(raw)}`) % (BLS_ORDER - 1n)) + 1n);
        expect(node.sign(secret, message)).toEqual(browser.sign(secret, message));
        const signature = blsSign(secret, message);
        const key = g1Base(readScalar(secret)!);
        expect(blsVerify(key, message, signature)).toBe(true);
        expect(blsVerify(key, concatBytes(message, Uint8Array.of(0)), signature)).toBe(false);
      },
    ),
    { numRuns: 10 },
  );
});

describe('basic suites', () => {
  test('Wycheproof BLS, basic suite on G2', () => {
    expect(wrongAnswers('wycheproof_bls_sig_g2_basic_verify_test.json', blsVerifyOnG2)).toEqual({
      wrong: [],
      count: 88,
    });
  });

  test('values of the public drand chains', () => {
    const drand =
      vectors<
        Record<
          'quicknet' | 'default',
          {
            public_key: string;
            rounds: { round: number; signature: string; previous_signature?: string; randomness: string }[];
          }
        >
      >('drand_beacons.json');
    const round = (n: number): Uint8Array => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(n));
      return bytes;
    };
    for (const value of drand.quicknet.rounds) {
      const message = sha256(round(value.round));
      expect(blsVerifyOnG1(hex(drand.quicknet.public_key), message, hex(value.signature))).toBe(true);
      expect(blsVerifyOnG1(hex(drand.quicknet.public_key), sha256(message), hex(value.signature))).toBe(
        false,
      );
      expect(toHex(sha256(hex(value.signature)))).toBe(value.randomness);
    }
    for (const value of drand.default.rounds) {
      const message = sha256(concatBytes(hex(value.previous_signature!), round(value.round)));
      expect(blsVerifyOnG2(hex(drand.default.public_key), message, hex(value.signature))).toBe(true);
      expect(blsVerifyOnG2(hex(drand.default.public_key), sha256(message), hex(value.signature))).toBe(false);
      expect(toHex(sha256(hex(value.signature)))).toBe(value.randomness);
    }
  });

  test('refuse other lengths', () => {
    expect(blsVerifyOnG1(new Uint8Array(48), utf8('m'), new Uint8Array(48))).toBe(false);
    expect(blsVerifyOnG2(new Uint8Array(96), utf8('m'), new Uint8Array(96))).toBe(false);
  });
});

describe('group arithmetic', () => {
  test('combines points as their scalars', () => {
    const terms = [3n, 5n].map((s, i) => ({ point: g1Base(s), scalar: BigInt(i) + 7n }));
    expect(combineG1(terms)).toEqual(g1Base(3n * 7n + 5n * 8n));
    const message = utf8('m');
    const signed = [3n, 5n].map((s, i) => ({
      point: blsSign(scalarBytes(s), message),
      scalar: BigInt(i) + 7n,
    }));
    expect(combineG2(signed)).toEqual(blsSign(scalarBytes(3n * 7n + 5n * 8n), message));
    expect(divideScalars(35n, 5n)).toBe(7n);
    expect((divideScalars(1n, 3n) * 3n) % BLS_ORDER).toBe(1n);
  });

  test('takes points in their one encoding only', () => {
    const point = g1Base(9n);
    expect(isG1(point)).toBe(true);
    const identity = new Uint8Array(48);
    identity[0] = 0xc0;
    // x = 4: on the curve (68 is a square), outside the subgroup, for the group of all points has a cofactor.
    const outside = new Uint8Array(48);
    outside[0] = 0x80;
    outside[47] = 4;
    const y = bls12_381.fields.Fp.sqrt(68n);
    expect(bls12_381.G1.Point.fromAffine({ x: 4n, y }).isTorsionFree()).toBe(false);
    for (const bad of [
      identity,
      new Uint8Array(48),
      point.slice(1),
      bls12_381.G1.Point.BASE.toBytes(false),
      outside,
    ])
      expect(isG1(bad)).toBe(false);
    expect(combineG1([{ point: identity, scalar: 1n }])).toBeUndefined();
    expect(
      combineG1([
        { point, scalar: 1n },
        { point, scalar: BLS_ORDER - 1n },
      ]),
    ).toBeUndefined();
    expect(combineG1([])).toBeUndefined();
    expect(readScalar(new Uint8Array(32).fill(255))).toBeUndefined();
  });
});
