/**
 * BLS signatures on BLS12-381 as a library supplies them, in the variants `bls.node.ts` and
 * `bls.browser.ts`; the package's import map picks one as `#bls`. Suite
 * BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_ (draft-irtf-cfrg-bls-signature): keys are points of
 * G1 (48 bytes compressed), signatures points of G2 (96 bytes), secrets scalars (32 bytes, big-endian).
 * Shapes are the caller's duty: the public wrappers in bls.ts check them.
 */
export interface NativeBls {
  /** For a secret of 1 .. order - 1. */
  readonly sign: (secret: Uint8Array, message: Uint8Array) => Uint8Array;
  /** Refuses points that are not canonical, not on the curve, outside the subgroup, or the identity. */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
}

/** Domain separation tag of the suite. */
export const BLS_DST = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';
