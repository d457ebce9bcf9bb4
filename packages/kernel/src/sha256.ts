import { native } from '#native';
import { assert } from './assert.js';

/** SHA-256 (FIPS 180-4) of `data`: 32 bytes, freshly allocated. */
export function sha256(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(32);
  native.sha256(out, data);
  return out;
}

/** SHA-256 of `data` into the 32 bytes `out`; `data` and `out` may not overlap. */
export function sha256Into(out: Uint8Array, data: Uint8Array): void {
  assert(out.length === 32, 'sha256Into needs 32 bytes of room');
  native.sha256(out, data);
}
