import { crc32 } from 'node:zlib';

/** Bytes a sealed value is longer than the value. */
export const SEAL_BYTES = 4;

/** The part of the checksum that a table's name contributes, computed once per table. */
export function tableSeed(table: string): number {
  return crc32(`${table}\0`);
}

/**
 * Writes `value` and its CRC-32 (over table, key and value) to `out` at `at`; returns the sealed view.
 * LMDB has no page checksums: this one finds flipped bits of a value, and a value that a damaged
 * tree shows under another key or table. It does not defend against an adversary with the disk.
 */
export function seal(seed: number, key: Uint8Array, value: Uint8Array, out: Buffer, at: number): Buffer {
  out.set(value, at);
  const copied = out.subarray(at, at + value.length);
  out.writeUInt32LE(checksum(seed, key, copied), at + value.length);
  return out.subarray(at, at + value.length + SEAL_BYTES);
}

/** The same where the value lies, with room for the checksum behind it. */
export function sealInPlace(seed: number, key: Uint8Array, value: Uint8Array): Buffer {
  const sealed = Buffer.from(value.buffer, value.byteOffset, value.length + SEAL_BYTES);
  sealed.writeUInt32LE(checksum(seed, key, sealed.subarray(0, value.length)), value.length);
  return sealed;
}

/** The value of sealed bytes, copied; `undefined` where the checksum does not hold. */
export function unseal(seed: number, key: Uint8Array, sealed: Buffer): Uint8Array | undefined {
  const length = sealed.length - SEAL_BYTES;
  if (length < 0) return undefined;
  const stored = sealed.subarray(0, length);
  if (checksum(seed, key, stored) !== sealed.readUInt32LE(length)) return undefined;
  // Not zeroed first, and not from Buffer's pool: a small value would keep a pool of 8 KiB.
  const value = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  value.set(stored);
  return value;
}

/** `value`: a view into a larger buffer. zlib's crc32 forgets the seed where an empty array has no memory of its own. */
function checksum(seed: number, key: Uint8Array, value: Buffer): number {
  return crc32(value, crc32(key, seed));
}
