/**
 * ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381, suite 0x03) on libsodium's group operations.
 *
 * Stricter than the RFC in one point: the public key and Gamma must lie in the prime-order
 * subgroup (the RFC admits keys with a small-order component). An honest prover never makes
 * others, and every input then has exactly one encoding.
 */
import { native } from '#native';
import { assert } from './assert.js';
import { concatBytes, equalBytes } from './bytes.js';
import { type KeyPair, keyPairFromSeed } from './ed25519.js';

const SUITE = 0x03;
const PROOF_LENGTH = 80;
/** The group order, little-endian: 2^252 + 27742317777372353535851937790883648493. */
const ORDER = Uint8Array.of(
  ...[0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14],
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10],
);
/** The field prime 2^255 - 19, little-endian. */
const PRIME = Uint8Array.of(0xed, ...new Array<number>(30).fill(0xff), 0x7f);

/** The neutral element (x = 0, y = 1). */
const IDENTITY = Uint8Array.of(1, ...new Array<number>(31).fill(0));

/**
 * The VRF key pair of a 32-byte seed (RFC 9381, 5.5: keys as in RFC 8032; 64-byte secret key as in
 * ed25519.ts). Its nonce is derived as Ed25519 derives one, with a curve point as the message: a key may
 * do both only if all it signs are digests that nobody can make equal to such a point (ADR 7).
 */
export function vrfKeyPairFromSeed(seed: Uint8Array): KeyPair {
  return keyPairFromSeed(seed);
}

/**
 * The proof pi, 80 bytes (Gamma 32, c 16, s 32), for the input `alpha` (RFC 9381, 5.1).
 * The input must bind network, epoch and role: the proof carries nothing else.
 */
export function vrfProve(secretKey: Uint8Array, alpha: Uint8Array): Uint8Array {
  assert(secretKey.length === 64, 'a VRF secret key has 64 bytes');
  const publicKey = secretKey.slice(32);
  const expanded = sha512(secretKey.subarray(0, 32));
  expanded[0] = expanded[0]! & 248;
  expanded[31] = (expanded[31]! & 127) | 64;
  const wide = new Uint8Array(64);
  wide.set(expanded.subarray(0, 32));
  const x = new Uint8Array(32);
  native.scalarReduce(x, wide);

  const h = encodeToCurve(publicKey, alpha);
  // 5.4.2.2: the nonce of RFC 8032 with h as the message.
  const k = new Uint8Array(32);
  native.scalarReduce(k, sha512(concatBytes(expanded.subarray(32), h)));
  const gamma = new Uint8Array(32);
  const kB = new Uint8Array(32);
  const kH = new Uint8Array(32);
  assert(
    native.pointMultiply(gamma, x, h) && native.baseMultiply(kB, k) && native.pointMultiply(kH, k, h),
    'VRF proving met the identity',
  );
  const proof = new Uint8Array(PROOF_LENGTH);
  proof.set(gamma, 0);
  const c = challenge(publicKey, h, gamma, kB, kH);
  proof.set(c, 32);
  const s = new Uint8Array(32);
  native.scalarMultiplyAdd(s, c, x, k);
  proof.set(s, 48);
  for (const secret of [expanded, wide, x, k]) secret.fill(0);
  return proof;
}

/**
 * The 64-byte output beta if `proof` is valid for `publicKey` and `alpha`, else `undefined`
 * (RFC 9381, 5.3 with validate_key). Refuses small-order and non-canonical keys and points and
 * s >= order; malformed lengths are invalid, never an error.
 */
export function vrfVerify(
  publicKey: Uint8Array,
  alpha: Uint8Array,
  proof: Uint8Array,
): Uint8Array | undefined {
  if (publicKey.length !== 32 || proof.length !== PROOF_LENGTH) return undefined;
  const gamma = proof.slice(0, 32);
  const s = proof.slice(48);
  if (!isBelow(s, ORDER)) return undefined;
  // libsodium's multiplication refuses such points as well; the rule is not left to that.
  if (!native.isValidPoint(publicKey) || !native.isValidPoint(gamma)) return undefined;
  const c = new Uint8Array(32);
  c.set(proof.subarray(32, 48));

  const h = encodeToCurve(publicKey, alpha);
  const u = subtractProducts(undefined, s, c, publicKey);
  const v = subtractProducts(h, s, c, gamma);
  if (u === undefined || v === undefined) return undefined;
  return equalBytes(challenge(publicKey, h, gamma, u, v), c.subarray(0, 16)) ? proofToHash(gamma) : undefined;
}

/**
 * The output beta, 64 bytes, of a proof that was verified before (RFC 9381, 5.2);
 * `undefined` where it is malformed. It does not verify.
 */
export function vrfOutput(proof: Uint8Array): Uint8Array | undefined {
  if (proof.length !== PROOF_LENGTH || !isBelow(proof.subarray(48), ORDER)) return undefined;
  const gamma = proof.slice(0, 32);
  return native.isValidPoint(gamma) ? proofToHash(gamma) : undefined;
}

/** s * P - c * Q with P the base point where not given; `undefined` where a product is the identity. */
function subtractProducts(
  p: Uint8Array | undefined,
  s: Uint8Array,
  c: Uint8Array,
  q: Uint8Array,
): Uint8Array | undefined {
  const sP = new Uint8Array(32);
  const cQ = new Uint8Array(32);
  const out = new Uint8Array(32);
  // s = 0 or c = 0 is refused here; a valid proof has them with probability 2^-128 at most.
  const multiplied = p === undefined ? native.baseMultiply(sP, s) : native.pointMultiply(sP, s, p);
  return multiplied && native.pointMultiply(cQ, c, q) && native.pointSubtract(out, sP, cQ) ? out : undefined;
}

/** 5.4.1.1 try-and-increment: hash until the first 32 bytes decode to a point, then clear the cofactor. */
function encodeToCurve(salt: Uint8Array, alpha: Uint8Array): Uint8Array {
  const input = concatBytes(Uint8Array.of(SUITE, 1), salt, alpha, Uint8Array.of(0, 0));
  const y = new Uint8Array(32);
  const candidate = new Uint8Array(32);
  for (let counter = 0; counter < 256; counter++) {
    input[input.length - 2] = counter;
    candidate.set(sha512(input).subarray(0, 32));
    y.set(candidate);
    y[31] = y[31]! & 127;
    // RFC 8032, 5.1.3 refuses y >= p, which libsodium's addition does not look at.
    if (!isBelow(y, PRIME)) continue;
    const point = timesCofactor(candidate);
    if (point !== undefined && !equalBytes(point, IDENTITY)) return point;
  }
  // Each try fails with probability about 1/2: 256 failures in a row do not happen.
  throw new Error('no curve point in 256 tries');
}

function timesCofactor(point: Uint8Array): Uint8Array | undefined {
  const two = new Uint8Array(32);
  const four = new Uint8Array(32);
  const eight = new Uint8Array(32);
  const decoded =
    native.pointAdd(two, point, point) &&
    native.pointAdd(four, two, two) &&
    native.pointAdd(eight, four, four);
  return decoded ? eight : undefined;
}

/** 5.4.3: the first 16 bytes of the hash over the five points. */
function challenge(...points: readonly Uint8Array[]): Uint8Array {
  return sha512(concatBytes(Uint8Array.of(SUITE, 2), ...points, Uint8Array.of(0))).slice(0, 16);
}

/** 5.2: SHA-512 over the cofactor multiple of Gamma. */
function proofToHash(gamma: Uint8Array): Uint8Array {
  const point = timesCofactor(gamma);
  assert(point !== undefined, 'Gamma was checked to be a point');
  return sha512(concatBytes(Uint8Array.of(SUITE, 3), point, Uint8Array.of(0)));
}

function sha512(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(64);
  native.sha512(out, data);
  return out;
}

/** Little-endian a < b for equal lengths; not constant time, for public values only. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}
