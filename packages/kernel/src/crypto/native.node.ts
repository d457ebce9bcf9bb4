import { createHash } from 'node:crypto';
import * as hashtree from '@chainsafe/hashtree';
import * as sodiumNative from 'sodium-native';
import { assert } from '../assert.js';
import type { NativeCrypto } from './native.js';

/** What is used of sodium-native, typed for plain Uint8Array (its published types ask for Buffer). */
interface Sodium {
  crypto_hash_sha256(out: Uint8Array, data: Uint8Array): void;
  crypto_hash_sha512(out: Uint8Array, data: Uint8Array): void;
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean | undefined;
  crypto_core_ed25519_is_valid_point(point: Uint8Array): boolean;
  crypto_core_ed25519_add(out: Uint8Array, p: Uint8Array, q: Uint8Array): void;
  crypto_core_ed25519_sub(out: Uint8Array, p: Uint8Array, q: Uint8Array): void;
  crypto_scalarmult_ed25519_noclamp(out: Uint8Array, n: Uint8Array, p: Uint8Array): void;
  crypto_scalarmult_ed25519_base_noclamp(out: Uint8Array, n: Uint8Array): void;
  crypto_core_ed25519_scalar_reduce(out: Uint8Array, wide: Uint8Array): void;
  crypto_core_ed25519_scalar_add(out: Uint8Array, x: Uint8Array, y: Uint8Array): void;
  crypto_scalarmult(out: Uint8Array, n: Uint8Array, p: Uint8Array): void;
  crypto_scalarmult_base(out: Uint8Array, n: Uint8Array): void;
  crypto_secretbox_easy(out: Uint8Array, content: Uint8Array, nonce: Uint8Array, key: Uint8Array): void;
  crypto_secretbox_open_easy(
    out: Uint8Array,
    box: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): boolean | undefined;
}

const module = sodiumNative as unknown as Sodium & { readonly default?: Sodium };
const sodium: Sodium = module.default ?? module;

/**
 * sodium-native returns `undefined` without doing anything when a view lies on shared memory: a
 * hash stays what it was and every valid signature "fails". Such a call is a bug of the caller.
 */
function assertUnshared(view: Uint8Array): void {
  assert(!(view.buffer instanceof SharedArrayBuffer), 'native crypto was given a view on shared memory');
}

/**
 * A small typed array lives inside V8's heap until somebody asks for its buffer, as every native call does:
 * it is then moved out, with an allocation and a finalizer of its own. So signatures, digests and keys are
 * copied into arrays that were moved out once.
 */
const outside = (size: number) => new Uint8Array(new ArrayBuffer(size));
const hashOut = outside(32);
const signatureScratch = outside(64);
const digestScratch = outside(32);
const keyScratch = outside(32);

/**
 * From this length on OpenSSL, which uses the processor's SHA instructions, is faster than libsodium, which does
 * not but costs less to call: level at 512 bytes, 7 against 26 us at 4 KiB.
 */
const LONG_BYTES = 1_024;

/** sodium-native reports libsodium's -1 by throwing; here it is an answer. */
function attempt(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

export const native: NativeCrypto = {
  sha256(out, data) {
    assertUnshared(data);
    if (data.length >= LONG_BYTES) {
      out.set(createHash('sha256').update(data).digest());
      return;
    }
    sodium.crypto_hash_sha256(hashOut, data);
    out.set(hashOut);
  },
  sha512(out, data) {
    sodium.crypto_hash_sha512(out, data);
  },
  hashPairs(input, output) {
    hashtree.hashInto(input, output);
  },
  keyPair(publicKey, secretKey, seed) {
    assertUnshared(seed);
    sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
  },
  sign(signature, message, secretKey) {
    assertUnshared(message);
    assertUnshared(secretKey);
    sodium.crypto_sign_detached(signatureScratch, message, secretKey);
    signature.set(signatureScratch);
  },
  verify(signature, message, publicKey) {
    assert(signature.length === 64 && publicKey.length === 32, 'a signature has 64 bytes, a key 32');
    signatureScratch.set(signature);
    keyScratch.set(publicKey);
    let content = message;
    if (message.length === 32) {
      digestScratch.set(message);
      content = digestScratch;
    } else assertUnshared(message);
    const valid = sodium.crypto_sign_verify_detached(signatureScratch, content, keyScratch);
    assert(valid !== undefined, 'sodium-native gave no answer');
    return valid;
  },
  isValidPoint(point) {
    assertUnshared(point);
    return sodium.crypto_core_ed25519_is_valid_point(point);
  },
  pointAdd: (out, p, q) => attempt(() => sodium.crypto_core_ed25519_add(out, p, q)),
  pointSubtract: (out, p, q) => attempt(() => sodium.crypto_core_ed25519_sub(out, p, q)),
  pointMultiply: (out, n, p) => attempt(() => sodium.crypto_scalarmult_ed25519_noclamp(out, n, p)),
  baseMultiply: (out, n) => attempt(() => sodium.crypto_scalarmult_ed25519_base_noclamp(out, n)),
  scalarReduce(out, wide) {
    sodium.crypto_core_ed25519_scalar_reduce(out, wide);
  },
  scalarMultiplyAdd(out, c, x, k) {
    // sodium-native exports no scalar product. Double-and-add over the bits of the public c keeps
    // every operation on the secrets inside libsodium's constant-time code.
    let sum: Uint8Array = new Uint8Array(32);
    let next: Uint8Array = new Uint8Array(32);
    for (let bit = 8 * c.length - 1; bit >= 0; bit--) {
      sodium.crypto_core_ed25519_scalar_add(next, sum, sum);
      [sum, next] = [next, sum];
      if (((c[bit >>> 3]! >>> (bit & 7)) & 1) === 1) {
        sodium.crypto_core_ed25519_scalar_add(next, sum, x);
        [sum, next] = [next, sum];
      }
    }
    sodium.crypto_core_ed25519_scalar_add(out, sum, k);
    sum.fill(0);
    next.fill(0);
  },
  x25519: (out, secret, publicKey) => attempt(() => sodium.crypto_scalarmult(out, secret, publicKey)),
  x25519Base(out, secret) {
    sodium.crypto_scalarmult_base(out, secret);
  },
  secretBox(box, content, nonce, key) {
    sodium.crypto_secretbox_easy(box, content, nonce, key);
  },
  secretBoxOpen: (content, box, nonce, key) =>
    sodium.crypto_secretbox_open_easy(content, box, nonce, key) === true,
};
