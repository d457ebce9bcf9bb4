/**
 * BLS of the basic scheme with the other two suites that public beacons sign with: on G2
 * (BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_) and on G1 as in RFC 9380
 * (BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_). Verification only, in JavaScript in every
 * variant: a public beacon is asked in an emergency.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js';

const { longSignatures, shortSignatures } = bls12_381;
const DST_G1 = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
const DST_G2 = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_';

/** Key of G1 (48 bytes), signature of G2 (96 bytes); malformed input is `false`. */
export function blsVerifyOnG2(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 48 || signature.length !== 96) return false;
  return answer(() => longSignatures.verify(signature, longSignatures.hash(message, DST_G2), publicKey));
}

/** Key of G2 (96 bytes), signature of G1 (48 bytes); malformed input is `false`. */
export function blsVerifyOnG1(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 96 || signature.length !== 48) return false;
  return answer(() => shortSignatures.verify(signature, shortSignatures.hash(message, DST_G1), publicKey));
}

/** The library reports a malformed point by throwing; here it is an answer. */
function answer(run: () => boolean): boolean {
  try {
    return run();
  } catch {
    return false;
  }
}
