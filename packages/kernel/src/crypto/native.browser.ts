import { sha256 as nobleSha256, sha512 as nobleSha512 } from '@noble/hashes/sha2.js';
import sodium from 'libsodium-wrappers-sumo';
import type { NativeCrypto } from './native.js';

// libsodium compiled to WebAssembly: the same acceptance rule as on nodes. Its start-up is
// asynchronous, so importing this module waits for it once.
await sodium.ready;

/** libsodium-wrappers report libsodium's -1 by throwing; here it is an answer. */
function attempt(out: Uint8Array, run: () => Uint8Array): boolean {
  try {
    out.set(run());
    return true;
  } catch {
    return false;
  }
}

export const native: NativeCrypto = {
  sha256(out, data) {
    out.set(nobleSha256(data));
  },
  sha512(out, data) {
    out.set(nobleSha512(data));
  },
  hashPairs(input, output) {
    for (let at = 0; at < input.length; at += 64) {
      output.set(nobleSha256(input.subarray(at, at + 64)), at / 2);
    }
  },
  keyPair(publicKey, secretKey, seed) {
    const pair = sodium.crypto_sign_seed_keypair(seed);
    publicKey.set(pair.publicKey);
    secretKey.set(pair.privateKey);
  },
  sign(signature, message, secretKey) {
    signature.set(sodium.crypto_sign_detached(message, secretKey));
  },
  verify: (signature, message, publicKey) =>
    sodium.crypto_sign_verify_detached(signature, message, publicKey),
  isValidPoint: (point) => sodium.crypto_core_ed25519_is_valid_point(point),
  pointAdd: (out, p, q) => attempt(out, () => sodium.crypto_core_ed25519_add(p, q)),
  pointSubtract: (out, p, q) => attempt(out, () => sodium.crypto_core_ed25519_sub(p, q)),
  pointMultiply: (out, n, p) => attempt(out, () => sodium.crypto_scalarmult_ed25519_noclamp(n, p)),
  baseMultiply: (out, n) => attempt(out, () => sodium.crypto_scalarmult_ed25519_base_noclamp(n)),
  scalarReduce(out, wide) {
    out.set(sodium.crypto_core_ed25519_scalar_reduce(wide));
  },
  scalarMultiplyAdd(out, c, x, k) {
    const wide = new Uint8Array(32);
    wide.set(c);
    out.set(sodium.crypto_core_ed25519_scalar_add(sodium.crypto_core_ed25519_scalar_mul(wide, x), k));
  },
  x25519: (out, secret, publicKey) => attempt(out, () => sodium.crypto_scalarmult(secret, publicKey)),
  x25519Base(out, secret) {
    out.set(sodium.crypto_scalarmult_base(secret));
  },
  secretBox(box, content, nonce, key) {
    box.set(sodium.crypto_secretbox_easy(content, nonce, key));
  },
  secretBoxOpen: (content, box, nonce, key) =>
    attempt(content, () => sodium.crypto_secretbox_open_easy(box, nonce, key)),
};
