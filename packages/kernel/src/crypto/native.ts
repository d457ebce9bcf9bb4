/**
 * The primitives that a library supplies, in the two variants `native.node.ts` and
 * `native.browser.ts`; the package's import map picks one as `#native`. Everything else in the
 * kernel is written against this interface alone, so both variants run the same vectors.
 *
 * Shapes are the caller's duty (the public wrappers check them). Outputs may not overlap inputs
 * unless stated. Points and scalars are 32 bytes little-endian as in RFC 8032.
 */
export interface NativeCrypto {
  readonly sha256: (out: Uint8Array, data: Uint8Array) => void;
  readonly sha512: (out: Uint8Array, data: Uint8Array) => void;
  /** SHA-256 of each 64-byte pair of `input`, 32 bytes each, into `output` (input.length / 2). */
  readonly hashPairs: (input: Uint8Array, output: Uint8Array) => void;

  readonly keyPair: (publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array) => void;
  readonly sign: (signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array) => void;
  /** libsodium's acceptance rule; lengths 64, any, 32. */
  readonly verify: (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

  /** Canonical encoding of a point of the prime-order subgroup other than the identity. */
  readonly isValidPoint: (point: Uint8Array) => boolean;
  /** p + q; false where either is not a point of the curve (cofactor and canonicity unchecked). */
  readonly pointAdd: (out: Uint8Array, p: Uint8Array, q: Uint8Array) => boolean;
  readonly pointSubtract: (out: Uint8Array, p: Uint8Array, q: Uint8Array) => boolean;
  /** n * p without clamping; false where p is not a valid point or the product is the identity. */
  readonly pointMultiply: (out: Uint8Array, n: Uint8Array, p: Uint8Array) => boolean;
  /** n * B without clamping; false where the product is the identity. */
  readonly baseMultiply: (out: Uint8Array, n: Uint8Array) => boolean;
  /** 64 bytes modulo the group order. */
  readonly scalarReduce: (out: Uint8Array, wide: Uint8Array) => void;
  /** k + c * x modulo the group order, in constant time for the secret k and x; c is public, 16 bytes. */
  readonly scalarMultiplyAdd: (out: Uint8Array, c: Uint8Array, x: Uint8Array, k: Uint8Array) => void;

  /** X25519 (RFC 7748); false where the point is of small order. */
  readonly x25519: (out: Uint8Array, secret: Uint8Array, publicKey: Uint8Array) => boolean;
  readonly x25519Base: (out: Uint8Array, secret: Uint8Array) => void;
  /** crypto_secretbox_easy: `box` is 16 bytes longer than `content`; nonce 24, key 32 bytes. */
  readonly secretBox: (box: Uint8Array, content: Uint8Array, nonce: Uint8Array, key: Uint8Array) => void;
  /** false where the box was not sealed under this nonce and key. */
  readonly secretBoxOpen: (
    content: Uint8Array,
    box: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ) => boolean;
}
