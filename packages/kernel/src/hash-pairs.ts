import { native } from '#native';
import { assert } from './assert.js';

/**
 * SHA-256 of every 64-byte record of `input` into `output`, 32 bytes each, in one native call
 * (20-29 M/s on one core). `output` needs input.length / 2 bytes and may not overlap `input`.
 */
export function hashPairs(input: Uint8Array, output: Uint8Array): void {
  assert(input.length % 64 === 0 && output.length === input.length / 2, 'hashPairs takes 64-byte records');
  if (input.length > 0) native.hashPairs(input, output);
}
