import { bls } from '#bls';
import { assert } from './assert.js';

/** Bytes of a BLS public key (a point of G1, compressed) and of a signature (a point of G2, compressed). */
export const BLS_PUBLIC_BYTES = 48;
export const BLS_SIGNATURE_BYTES = 96;

/**
 * The BLS signature of `message` by a secret scalar (32 bytes big-endian, 1 .. order - 1): 96 bytes. It is
 * unique: one key and message have one signature (draft-irtf-cfrg-bls-signature, suite in crypto/bls.ts).
 */
export function blsSign(secret: Uint8Array, message: Uint8Array): Uint8Array {
  assert(secret.length === 32, 'a BLS secret has 32 bytes');
  return bls.sign(secret, message);
}

/** Whether `signature` (96 bytes) is that of `message` by `publicKey` (48 bytes); malformed input is `false`. */
export function blsVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== BLS_PUBLIC_BYTES || signature.length !== BLS_SIGNATURE_BYTES) return false;
  return bls.verify(publicKey, message, signature);
}
