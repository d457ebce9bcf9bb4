// What all vector files share: keys from labels, one network, and bytes as hex.
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { sha256 } from '@iotw/kernel/sha256';

/** 32 bytes from a label: SHA-256 of its UTF-8 text. */
export function bytesOf(label) {
  return sha256(utf8(label));
}

/** The key pair whose seed is `bytesOf(label)`, with that seed. */
export function keyOf(label) {
  const seed = bytesOf(label);
  return { seed, ...keyPairFromSeed(seed) };
}

/** The network id of every vector that names no other. */
export const NETWORK = bytesOf('iotw vectors network');
/** A second one, for what must not carry over. */
export const OTHER_NETWORK = bytesOf('iotw vectors other network');

/** The value with every byte string as lower-case hex; typed arrays of numbers as lists. */
export function plain(value) {
  if (value instanceof Uint8Array) return toHex(value);
  if (ArrayBuffer.isView(value)) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .map(([k, v]) => [k, plain(v)]),
  );
}

/** A copy with the bytes at `at` replaced. */
export function patched(bytes, at, ...values) {
  const out = bytes.slice();
  out.set(values, at);
  return out;
}

/** The failure code of a Result that must have failed. */
export function codeOf(result) {
  if (result.ok) throw new Error('a case that must be refused was accepted');
  return result.error.code;
}

/** The value of a Result that must be good. */
export function goodOf(result) {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}
