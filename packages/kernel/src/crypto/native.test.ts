// Both variants of the native primitives run the same vectors and must give the same answers.
import { readFileSync } from 'node:fs';
import { ed25519 } from '@noble/curves/ed25519.js';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { concatBytes, fromHex, toHex, utf8 } from '../bytes.js';
import { native as browser } from './native.browser.js';
import { native as node } from './native.node.js';

function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hex: ${text}`);
  return bytes;
}

function vectors<T>(name: string): T {
  const url = new URL(`../../../../spec/vectors/external/${name}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

interface Wycheproof {
  testGroups: {
    publicKey: { pk: string };
    tests: { tcId: number; msg: string; sig: string; result: 'valid' | 'invalid' }[];
  }[];
}
interface VrfVector {
  sk: string;
  pk: string;
  alpha: string;
  pi: string;
  beta: string;
}

const wycheproof = vectors<Wycheproof>('wycheproof_ed25519_test.json');
const rfc9381 = vectors<VrfVector[]>('rfc9381_b3_edwards25519_sha512_tai.json');

/** Every encoding of the eight points of small order; the last six are not canonical. */
const SMALL_ORDER = [
  ['order 1', `01${'00'.repeat(31)}`],
  ['order 2', `ec${'ff'.repeat(30)}7f`],
  ['order 4', '00'.repeat(32)],
  ['order 4, negative', `${'00'.repeat(31)}80`],
  ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
  ['order 8, negative', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
  ['order 8, other', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
  ['order 8, other, negative', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
  ['order 1, x = -0', `01${'00'.repeat(30)}80`],
  ['order 2, x = -0', `ec${'ff'.repeat(31)}`],
  ['order 4, y = p', `ed${'ff'.repeat(30)}7f`],
  ['order 4, y = p, negative', `ed${'ff'.repeat(31)}`],
  ['order 1, y = p + 1', `ee${'ff'.repeat(30)}7f`],
  ['order 1, y = p + 1, x = -0', `ee${'ff'.repeat(31)}`],
] as const;

/** y = p + k for the k of 2..18 that lie on the curve: points of large order, encoded as 2^255 - 19 + k. */
const NON_CANONICAL = [3, 4, 5, 6, 9, 10, 14, 15, 16, 18].map(
  (k) => [`y = p + ${k}`, toHex(Uint8Array.of(0xed + k, ...new Array<number>(30).fill(0xff), 0x7f))] as const,
);

const Point = ed25519.Point;
const ORDER = Point.Fn.ORDER;
const seed = new Uint8Array(32).fill(9);
const secret = ed25519.utils.getExtendedPublicKey(seed).scalar;

/** The signature (R = r * B plus `torsion`, s = r + h * a) for the key encoding `pk`, whatever is known of it. */
function forge(pk: Uint8Array, a: bigint, message: Uint8Array, rBytes: Uint8Array, r: bigint) {
  const hash = new Uint8Array(64);
  node.sha512(hash, concatBytes(rBytes, pk, message));
  const h = littleEndian(hash) % ORDER;
  const s = (r + h * a) % ORDER;
  return { h, signature: concatBytes(rBytes, Point.Fn.toBytes(s)) };
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = value * 256n + BigInt(bytes[i]!);
  return value;
}

/** A signature for a message ground until h fits, so that the equation itself holds. */
function grind(pk: Uint8Array, a: bigint, rBytes: Uint8Array, r: bigint, fits: (h: bigint) => boolean) {
  for (let i = 0; ; i++) {
    const message = utf8(`message ${i}`);
    const { h, signature } = forge(pk, a, message, rBytes, r);
    if (fits(h)) return { message, signature };
  }
}

const laxly = (signature: Uint8Array, message: Uint8Array, pk: Uint8Array) =>
  ed25519.verify(signature, message, pk, { zip215: true });

describe.each([
  ['node', node],
  ['browser', browser],
] as const)('%s variant', (_name, native) => {
  let ed: typeof import('../ed25519.js');
  let vrf: typeof import('../vrf.js');
  let merkle: typeof import('../merkle.js');

  beforeAll(async () => {
    vi.resetModules();
    vi.doMock('#native', () => ({ native }));
    ed = await import('../ed25519.js');
    vrf = await import('../vrf.js');
    merkle = await import('../merkle.js');
  });
  afterAll(() => {
    vi.doUnmock('#native');
    vi.resetModules();
  });

  test('the wrappers run on this variant', () => {
    const spy = vi.spyOn(native, 'isValidPoint');
    vrf.vrfOutput(new Uint8Array(80));
    expect(spy).toHaveBeenCalledOnce();
    spy.mockRestore();
  });

  test('Wycheproof Ed25519', () => {
    const wrong: number[] = [];
    let count = 0;
    for (const group of wycheproof.testGroups) {
      for (const t of group.tests) {
        count++;
        const answer = ed.verify(hex(t.sig), hex(t.msg), hex(group.publicKey.pk));
        if (answer !== (t.result === 'valid')) wrong.push(t.tcId);
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBe(151);
  });

  test.each(SMALL_ORDER)('small-order key refused: %s', (_what, encoded) => {
    const pk = hex(encoded);
    // 8 divides h, so h * A vanishes and s * B = R holds without any secret.
    const r = 12345n;
    const { message, signature } = grind(pk, 0n, Point.BASE.multiply(r).toBytes(), r, (h) => h % 8n === 0n);
    expect(laxly(signature, message, pk)).toBe(true);
    expect(ed.verify(signature, message, pk)).toBe(false);
  });

  test.each(SMALL_ORDER)('small-order R refused: %s', (_what, encoded) => {
    const rBytes = hex(encoded);
    const pk = ed25519.getPublicKey(seed);
    const message = utf8('small R');
    // s = h * a: the equation multiplied by the cofactor holds for every small-order R.
    const { signature } = forge(pk, secret, message, rBytes, 0n);
    expect(laxly(signature, message, pk)).toBe(true);
    expect(ed.verify(signature, message, pk)).toBe(false);
  });

  test.each(NON_CANONICAL)('non-canonical key refused: %s', (_what, encoded) => {
    const pk = hex(encoded);
    expect(Point.fromBytes(pk, true).isSmallOrder()).toBe(false);
    expect(ed.verify(ed.sign(utf8('m'), ed.keyPairFromSeed(seed).secretKey), utf8('m'), pk)).toBe(false);
    expect(native.isValidPoint(pk)).toBe(false);
    expect(vrf.vrfVerify(pk, utf8('m'), hex(rfc9381[0]!.pi))).toBeUndefined();
  });

  test('a key with a small-order component: accepted exactly where the equation holds without cofactor', () => {
    const torsion = Point.fromHex(SMALL_ORDER[1][1]);
    const pk = Point.BASE.multiply(secret).add(torsion).toBytes();
    const r = 777n;
    const rBytes = Point.BASE.multiply(r).toBytes();
    const even = grind(pk, secret, rBytes, r, (h) => h % 2n === 0n);
    const odd = grind(pk, secret, rBytes, r, (h) => h % 2n === 1n);
    expect(laxly(odd.signature, odd.message, pk)).toBe(true);
    expect(ed.verify(even.signature, even.message, pk)).toBe(true);
    expect(ed.verify(odd.signature, odd.message, pk)).toBe(false);
    // The VRF refuses such keys altogether.
    expect(native.isValidPoint(pk)).toBe(false);
  });

  test('S + order is refused', () => {
    const { publicKey, secretKey } = ed.keyPairFromSeed(seed);
    const signature = ed.sign(utf8('m'), secretKey);
    const s = littleEndian(signature.subarray(32)) + ORDER;
    const forged = signature.slice();
    for (let i = 0; i < 32; i++) forged[32 + i] = Number((s >> BigInt(8 * i)) & 0xffn);
    expect(ed.verify(signature, utf8('m'), publicKey)).toBe(true);
    expect(ed.verify(forged, utf8('m'), publicKey)).toBe(false);
  });

  test('malformed lengths are invalid, not errors', () => {
    const { publicKey, secretKey } = ed.keyPairFromSeed(seed);
    const signature = ed.sign(utf8('m'), secretKey);
    for (const n of [0, 1, 63]) expect(ed.verify(signature.subarray(0, n), utf8('m'), publicKey)).toBe(false);
    expect(ed.verify(concatBytes(signature, utf8('x')), utf8('m'), publicKey)).toBe(false);
    for (const n of [0, 31]) expect(ed.verify(signature, utf8('m'), publicKey.subarray(0, n))).toBe(false);
    expect(ed.verify(signature, utf8('m'), concatBytes(publicKey, utf8('x')))).toBe(false);
  });

  test.each(rfc9381)('RFC 9381 B.3, alpha $alpha', ({ sk, pk, alpha, pi, beta }) => {
    const pair = vrf.vrfKeyPairFromSeed(hex(sk));
    expect(toHex(pair.publicKey)).toBe(pk);
    expect(toHex(vrf.vrfProve(pair.secretKey, hex(alpha)))).toBe(pi);
    expect(toHex(vrf.vrfVerify(hex(pk), hex(alpha), hex(pi))!)).toBe(beta);
    expect(toHex(vrf.vrfOutput(hex(pi))!)).toBe(beta);
  });

  test('VRF refuses every changed byte, another input and another key', () => {
    const { pk, alpha, pi } = rfc9381[2]!;
    for (let i = 0; i < 80; i++) {
      const changed = hex(pi);
      changed[i] = changed[i]! ^ 1;
      expect(vrf.vrfVerify(hex(pk), hex(alpha), changed), `byte ${i}`).toBeUndefined();
    }
    expect(vrf.vrfVerify(hex(pk), utf8('other'), hex(pi))).toBeUndefined();
    expect(vrf.vrfVerify(hex(rfc9381[0]!.pk), hex(alpha), hex(pi))).toBeUndefined();
    expect(vrf.vrfVerify(hex(pk).subarray(1), hex(alpha), hex(pi))).toBeUndefined();
    expect(vrf.vrfVerify(hex(pk), hex(alpha), hex(pi).subarray(1))).toBeUndefined();
    expect(vrf.vrfOutput(hex(pi).subarray(1))).toBeUndefined();
  });

  test('VRF refuses s + order, and small-order keys and Gamma', () => {
    const { pk, alpha, pi } = rfc9381[0]!;
    const malleated = hex(pi);
    const s = littleEndian(malleated.subarray(48)) + ORDER;
    for (let i = 0; i < 32; i++) malleated[48 + i] = Number((s >> BigInt(8 * i)) & 0xffn);
    expect(vrf.vrfVerify(hex(pk), hex(alpha), malleated)).toBeUndefined();
    expect(vrf.vrfOutput(malleated)).toBeUndefined();
    for (const [, encoded] of SMALL_ORDER) {
      expect(vrf.vrfVerify(hex(encoded), hex(alpha), hex(pi))).toBeUndefined();
      const proof = hex(pi);
      proof.set(hex(encoded));
      expect(vrf.vrfVerify(hex(pk), hex(alpha), proof)).toBeUndefined();
      expect(vrf.vrfOutput(proof)).toBeUndefined();
    }
  });

  test('VRF refuses Gamma with a small-order component, which the RFC admits', () => {
    // A prover who knows x claims Gamma' = x * H + T of order-2 T; where c is even, c * T vanishes
    // and the RFC's equations hold. Its output would equal that of the honest Gamma.
    const { sk, pk, pi, alpha } = rfc9381[1]!;
    const x = ed25519.utils.getExtendedPublicKey(hex(sk)).scalar;
    const honest = Point.fromBytes(hex(pi).subarray(0, 32));
    const h = honest.multiply(Point.Fn.inv(x));
    const gamma = honest.add(Point.fromHex(SMALL_ORDER[1][1])).toBytes();
    const prove = (claimed: Uint8Array, even: boolean): Uint8Array => {
      for (let k = 1n; ; k++) {
        const [kB, kH] = [Point.BASE.multiply(k).toBytes(), h.multiply(k).toBytes()];
        const hash = new Uint8Array(64);
        node.sha512(hash, concatBytes(hex('0302'), hex(pk), h.toBytes(), claimed, kB, kH, hex('00')));
        if (even && hash[0]! % 2 === 1) continue;
        const s = Point.Fn.create(k + littleEndian(hash.subarray(0, 16)) * x);
        return concatBytes(claimed, hash.subarray(0, 16), Point.Fn.toBytes(s));
      }
    };
    // The construction itself is sound: with the honest Gamma it verifies.
    expect(vrf.vrfVerify(hex(pk), hex(alpha), prove(honest.toBytes(), false))).toBeDefined();
    const proof = prove(gamma, true);
    expect(vrf.vrfVerify(hex(pk), hex(alpha), proof)).toBeUndefined();
    expect(vrf.vrfOutput(proof)).toBeUndefined();
  });

  test('merkle roots of known trees', () => {
    // The root of two zero leaves is a constant of the consensus specifications.
    const zeros = new Uint8Array(32);
    native.hashPairs(new Uint8Array(64), zeros);
    expect(toHex(zeros)).toBe('f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b');
    const leaves = Uint8Array.from({ length: 96 }, (_, i) => i);
    expect(toHex(merkle.merkleRoot(leaves, 3, 1024))).toBe(
      '2fcbedd67f8f61e80c72d3e7e7c848a35dc398244afa4ee2985bd4c29a9d93dc',
    );
    expect(toHex(merkle.merkleRoot(leaves, 0, 1024))).toBe(
      'ceb3266bf0938bc72f8256356ddc13bccc20dd767f25448b2658135780b7da51',
    );
  });
});

test('the variants agree on every primitive for random inputs', () => {
  let state = new Uint8Array(64).fill(1);
  for (let i = 0; i < 40; i++) {
    const next = new Uint8Array(64);
    node.sha512(next, state);
    state = next;
    const [a, b] = [state.slice(0, 32), state.slice(32)];
    const outputs = [node, browser].map((native) => {
      const reduced = new Uint8Array(32);
      const product = new Uint8Array(32);
      const point = new Uint8Array(32);
      const multiple = new Uint8Array(32);
      const sum = new Uint8Array(32);
      const difference = new Uint8Array(32);
      const digest = new Uint8Array(32);
      native.scalarReduce(reduced, state);
      native.scalarMultiplyAdd(product, b.subarray(0, 16), reduced, reduced);
      native.baseMultiply(point, reduced);
      native.pointMultiply(multiple, product, point);
      native.sha256(digest, state);
      return [
        ...[reduced, product, point, multiple, digest],
        native.pointAdd(sum, point, multiple) ? sum : undefined,
        native.pointSubtract(difference, point, multiple) ? difference : undefined,
        // About half of all strings are no point.
        native.isValidPoint(a),
        native.pointAdd(sum, a, point),
        native.pointMultiply(sum, reduced, a),
      ];
    });
    expect(outputs[0]).toEqual(outputs[1]);
  }
});

test.each([0, 1, 63, 64, 1_023, 1_024, 1_025, 70_000])(
  'both hash %i bytes alike, also amid an array',
  (length) => {
    const data = Uint8Array.from({ length: length + 7 }, (_, i) => (31 * i) ^ (i >>> 8));
    const [mine, theirs] = [new Uint8Array(32), new Uint8Array(32)];
    node.sha256(mine, data.subarray(5, 5 + length));
    browser.sha256(theirs, data.slice(5, 5 + length));
    expect(toHex(mine)).toBe(toHex(theirs));
  },
);

test('k + c * x is the scalar arithmetic of the group', () => {
  const [c, x, k] = [new Uint8Array(16).fill(0xab), new Uint8Array(32).fill(7), new Uint8Array(32).fill(5)];
  const expected = (littleEndian(k) + littleEndian(c) * littleEndian(x)) % ORDER;
  for (const native of [node, browser]) {
    const out = new Uint8Array(32);
    native.scalarMultiplyAdd(out, c, x, k);
    expect(littleEndian(out)).toBe(expected);
  }
});

test('the node variant asserts against views on shared memory, where sodium-native silently does nothing', () => {
  const shared = (n: number) => new Uint8Array(new SharedArrayBuffer(n));
  const own = (n: number) => new Uint8Array(n);
  const calls: (() => unknown)[] = [
    () => node.verify(own(64), shared(33), own(32)),
    () => node.sha256(own(32), shared(8)),
    () => node.sign(own(64), shared(8), own(64)),
    () => node.keyPair(own(32), own(64), shared(32)),
    () => node.isValidPoint(shared(32)),
  ];
  for (const call of calls) expect(call).toThrow('shared memory');
});

test('the node variant copies signature, digest and key: those may lie on shared memory, and none outlives its call', () => {
  const shared = (bytes: Uint8Array) => {
    const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
    copy.set(bytes);
    return copy;
  };
  const [publicKey, secretKey] = [new Uint8Array(32), new Uint8Array(64)];
  node.keyPair(publicKey, secretKey, new Uint8Array(32).fill(1));
  const digest = new Uint8Array(32).fill(2);
  const signature = new Uint8Array(64);
  node.sign(signature, digest, secretKey);
  const other = signature.slice();
  other[3]! ^= 1;
  expect(node.verify(shared(signature), shared(digest), shared(publicKey))).toBe(true);
  expect(node.verify(shared(other), digest, publicKey)).toBe(false);
  expect(node.verify(signature, new Uint8Array(32), publicKey)).toBe(false);
  expect(node.verify(signature, digest, publicKey)).toBe(true);
  const hashes = [new Uint8Array(32), shared(new Uint8Array(32))];
  for (const hash of hashes) node.sha256(hash, digest);
  node.sha256(new Uint8Array(32), publicKey);
  expect(toHex(hashes[0]!)).toBe(toHex(hashes[1]!));
  expect(() => node.verify(signature.subarray(1), digest, publicKey)).toThrow('64 bytes');
});
