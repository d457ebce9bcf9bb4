/** Proofs of a run of neighbouring leaves of the trees in merkle.ts: one proof for all results of a block. */
import { assert } from './assert.js';
import { equalBytes, readU64 } from './bytes.js';
import { hashPairs } from './hash-pairs.js';
import { merkleDepth, merklePath } from './merkle.js';

/**
 * The nodes beside leaves `first` .. `first + count - 1` of a list of `length` leaves with that `limit`: per
 * level, bottom up, the left neighbour where the run begins at an odd place, then the right one where it
 * ends at an even place; the length mix-in node last. `count` is at least 1.
 */
export function merkleRangePath(
  leaves: Uint8Array,
  length: number,
  limit: number,
  first: number,
  count: number,
): Uint8Array[] {
  assert(count >= 1 && first + count <= length, 'a range lies inside the list');
  const left = merklePath(leaves, length, limit, first);
  const right = merklePath(leaves, length, limit, first + count - 1);
  const path: Uint8Array[] = [];
  let low = first;
  let high = first + count - 1;
  for (let level = 0; level < left.length - 1; level++) {
    if (low % 2 === 1) path.push(left[level]!);
    if (high % 2 === 0) path.push(right[level]!);
    low = Math.floor(low / 2);
    high = Math.floor(high / 2);
  }
  path.push(left.at(-1)!);
  return path;
}

/**
 * Whether `leaves` (32 bytes each) are the leaves from `first` on of the list with that `root` and `limit`, by
 * a path as merkleRangePath gives it. Never throws on foreign input.
 */
export function verifyMerkleRange(
  root: Uint8Array,
  leaves: Uint8Array,
  first: number,
  path: readonly Uint8Array[],
  limit: number,
): boolean {
  const count = leaves.length / 32;
  if (!Number.isInteger(count) || count < 1 || !Number.isSafeInteger(first) || first < 0) return false;
  if (path.some((node) => node.length !== 32) || path.length === 0) return false;
  const mixed = path.at(-1)!;
  // The length is a 256-bit number of which the limit leaves at most the low 53 bits.
  if (mixed[7] !== 0 || mixed[6]! > 31 || mixed.subarray(8).some((byte) => byte !== 0)) return false;
  const length = readU64(mixed, 0);
  if (length > limit || first + count > length) return false;
  let nodes = leaves;
  let low = first;
  let high = first + count - 1;
  let at = 0;
  for (let level = 0; level < merkleDepth(limit); level++) {
    const left = low % 2 === 1 ? path[at++] : undefined;
    const right = high % 2 === 0 ? path[at++] : undefined;
    if (at >= path.length) return false;
    nodes = parents(nodes, left, right);
    low = Math.floor(low / 2);
    high = Math.floor(high / 2);
  }
  return at === path.length - 1 && equalBytes(parents(nodes, undefined, mixed), root);
}

function parents(nodes: Uint8Array, left: Uint8Array | undefined, right: Uint8Array | undefined): Uint8Array {
  const row = new Uint8Array(nodes.length + (left === undefined ? 0 : 32) + (right === undefined ? 0 : 32));
  row.set(nodes, left === undefined ? 0 : 32);
  if (left !== undefined) row.set(left, 0);
  if (right !== undefined) row.set(right, row.length - 32);
  const out = new Uint8Array(row.length / 2);
  hashPairs(row, out);
  return out;
}
