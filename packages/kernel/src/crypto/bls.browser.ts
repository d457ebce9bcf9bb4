import { bls12_381 } from '@noble/curves/bls12-381.js';
import { BLS_DST, type NativeBls } from './bls.js';

const { longSignatures } = bls12_381;

export const bls: NativeBls = {
  sign: (secret, message) =>
    longSignatures.Signature.toBytes(longSignatures.sign(longSignatures.hash(message, BLS_DST), secret)),
  verify(publicKey, message, signature) {
    try {
      return longSignatures.verify(signature, longSignatures.hash(message, BLS_DST), publicKey);
    } catch {
      // A point that can't be read, or the identity.
      return false;
    }
  },
};
