import { native } from '#native';
import { assert } from './assert.js';

export interface KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes: the seed followed by the public key (libsodium's layout). */
  readonly secretKey: Uint8Array;
}

/** The Ed25519 key pair (RFC 8032) of a 32-byte seed. */
export function keyPairFromSeed(seed32: Uint8Array): KeyPair {
  assert(seed32.length === 32, 'an Ed25519 seed has 32 bytes');
  const publicKey = new Uint8Array(32);
  const secretKey = new Uint8Array(64);
  native.keyPair(publicKey, secretKey, seed32);
  return { publicKey, secretKey };
}

/** The deterministic Ed25519 signature, 64 bytes, of `message` by a 64-byte secret key. */
export function sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  assert(secretKey.length === 64, 'an Ed25519 secret key has 64 bytes');
  const signature = new Uint8Array(64);
  native.sign(signature, message, secretKey);
  return signature;
}

/**
 * Whether `signature` is valid by libsodium's rule: the equation without cofactor over a canonical
 * S, with small-order or non-canonical public keys and small-order R refused. Verifiers of other
 * libraries accept other sets of such inputs; this one decides everywhere (vectors pin it).
 * Malformed lengths are invalid, never an error. The views may not lie on shared memory.
 */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  return native.verify(signature, message, publicKey);
}

/**
 * Whether 32 bytes are a key that can sign anything here: the canonical encoding of a point of the
 * prime-order subgroup (no small-order, mixed-order or non-canonical key).
 */
export function isPublicKey(key: Uint8Array): boolean {
  return key.length === 32 && native.isValidPoint(key);
}
