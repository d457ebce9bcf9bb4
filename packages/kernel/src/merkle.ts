/**
 * SSZ merkleization (ethereum/consensus-specs, ssz/simple-serialize.md) of List[Bytes32, limit]:
 * 32-byte leaves, padded virtually with zeros to the next power of two of the limit, the length
 * mixed in at the top.
 */
import { native } from '#native';
import { assert } from './assert.js';
import { equalBytes, writeU64 } from './bytes.js';

const MAX_DEPTH = 40;
const zeroHashes: Uint8Array[] = [new Uint8Array(32)];

/** The root of a tree of 2^level zero leaves; shared, not to be written. */
function zeroHash(level: number): Uint8Array {
  for (let i = zeroHashes.length; i <= level; i++) {
    zeroHashes.push(hashPair(zeroHashes[i - 1]!, zeroHashes[i - 1]!));
  }
  return zeroHashes[level]!;
}

const pair = new Uint8Array(64);
const parent = new Uint8Array(32);

function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 0);
  pair.set(right, 32);
  native.hashPairs(pair, parent);
  return parent.slice();
}

function lengthNode(count: number): Uint8Array {
  const node = new Uint8Array(32);
  writeU64(node, 0, count);
  return node;
}

/** Levels between the leaves and the root of the data: ceil(log2(limit)). */
export function merkleDepth(limit: number): number {
  assert(Number.isSafeInteger(limit) && limit > 0, 'a merkle limit is a positive integer');
  let depth = 0;
  for (let width = 1; width < limit; width *= 2) depth++;
  assert(depth <= MAX_DEPTH, 'a merkle limit is at most 2^40');
  return depth;
}

function checkShape(leaves: Uint8Array, count: number, limit: number): void {
  assert(Number.isSafeInteger(count) && count >= 0 && count <= limit, 'more leaves than the limit');
  assert(leaves.length >= 32 * count, 'fewer leaf bytes than the count says');
}

let even = new Uint8Array(0);
let odd = new Uint8Array(0);

/**
 * The root of `count` leaves under `depth` levels. Calls `visit` with the nodes of each level
 * bottom up, padded to an even number with that level's zero hash.
 * Levels live in two scratch arrays by turns and are hashed with one native call each.
 */
function climb(
  leaves: Uint8Array,
  count: number,
  depth: number,
  visit?: (nodes: Uint8Array) => void,
): Uint8Array {
  if (count === 0) return zeroHash(depth).slice();
  const room = 32 * (count + 1);
  if (even.length < room) {
    even = new Uint8Array(2 * room);
    odd = new Uint8Array(2 * room);
  }
  let from = even;
  let to = odd;
  from.set(leaves.length === 32 * count ? leaves : leaves.subarray(0, 32 * count));
  let width = count;
  for (let level = 0; level < depth; level++) {
    if (width % 2 === 1) from.set(zeroHash(level), 32 * width);
    visit?.(from);
    const parents = (width + 1) >>> 1;
    native.hashPairs(from.subarray(0, 64 * parents), to.subarray(0, 32 * parents));
    width = parents;
    [from, to] = [to, from];
  }
  return from.slice(0, 32);
}

/**
 * hash_tree_root of List[Bytes32, limit] over the first `count` leaves of `leaves` (32 bytes each,
 * one after another). 32 bytes, freshly allocated.
 */
export function merkleRoot(leaves: Uint8Array, count: number, limit: number): Uint8Array {
  checkShape(leaves, count, limit);
  return hashPair(climb(leaves, count, merkleDepth(limit)), lengthNode(count));
}

/**
 * The siblings that prove leaf `index` < `count`, bottom up: merkleDepth(limit) nodes and the
 * length mix-in node last (the count as 32 bytes little-endian).
 */
export function merklePath(leaves: Uint8Array, count: number, limit: number, index: number): Uint8Array[] {
  checkShape(leaves, count, limit);
  assert(Number.isSafeInteger(index) && index >= 0 && index < count, 'no leaf at that index');
  const path: Uint8Array[] = [];
  let position = index;
  climb(leaves, count, merkleDepth(limit), (nodes) => {
    const sibling = position % 2 === 0 ? position + 1 : position - 1;
    path.push(nodes.slice(32 * sibling, 32 * sibling + 32));
    position = Math.floor(position / 2);
  });
  path.push(lengthNode(count));
  return path;
}

/**
 * The root that `path` (as merklePath gives it) leads to from `leaf` at `index`. The index must be
 * inside the tree of that path: for data of others use verifyMerklePath, which never throws.
 */
export function merkleRootFromPath(leaf: Uint8Array, index: number, path: readonly Uint8Array[]): Uint8Array {
  const depth = path.length - 1;
  assert(depth >= 0 && depth <= MAX_DEPTH, 'a merkle path has 1 to 41 nodes');
  assert(Number.isSafeInteger(index) && index >= 0 && index < 2 ** depth, 'the index lies outside the tree');
  let node = leaf;
  let position = index;
  for (const sibling of path) {
    node = position % 2 === 0 ? hashPair(node, sibling) : hashPair(sibling, node);
    position = Math.floor(position / 2);
  }
  return node;
}

/**
 * Whether `path` proves that `leaf` is leaf number `index` of the list with that `root` and
 * `limit`: right depth, index below the proven length, equal root. Never throws on foreign input.
 */
export function verifyMerklePath(
  root: Uint8Array,
  leaf: Uint8Array,
  index: number,
  path: readonly Uint8Array[],
  limit: number,
): boolean {
  if (path.length !== merkleDepth(limit) + 1 || leaf.length !== 32) return false;
  if (path.some((node) => node.length !== 32)) return false;
  if (!Number.isSafeInteger(index) || index < 0 || index >= limit) return false;
  // index < length and length <= limit, the length being the last node as a 256-bit number.
  const length = path[path.length - 1]!;
  let count = 0;
  for (let i = 31; i >= 0; i--) {
    count = count * 256 + length[i]!;
    if (count > limit) return false;
  }
  return index < count && equalBytes(merkleRootFromPath(leaf, index, path), root);
}

/**
 * The same root from leaves that come one at a time, with one node kept per level: the way a
 * micro miner computes it, and the reference for one written in C.
 *
 * @public
 */
export class MerkleStream {
  readonly #limit: number;
  readonly #nodes: Uint8Array[] = [];
  #count = 0;

  constructor(limit: number) {
    const depth = merkleDepth(limit);
    this.#limit = limit;
    for (let i = 0; i <= depth; i++) this.#nodes.push(new Uint8Array(32));
  }

  get count(): number {
    return this.#count;
  }

  /** Adds the next leaf (32 bytes, copied); more than `limit` leaves are a bug. */
  absorb(leaf: Uint8Array): void {
    assert(leaf.length === 32, 'a merkle leaf has 32 bytes');
    assert(this.#count < this.#limit, 'more leaves than the limit');
    let node = leaf;
    let level = 0;
    // The level's node is waiting for its right sibling wherever the count's bit is set.
    for (let n = this.#count; n % 2 === 1; n = Math.floor(n / 2))
      node = hashPair(this.#nodes[level++]!, node);
    this.#nodes[level]!.set(node);
    this.#count++;
  }

  /** The root over the leaves so far, length mixed in; absorbing may go on afterwards. */
  root(): Uint8Array {
    const depth = this.#nodes.length - 1;
    let node = zeroHash(0);
    let n = this.#count;
    for (let level = 0; level < depth; level++) {
      node = n % 2 === 1 ? hashPair(this.#nodes[level]!, node) : hashPair(node, zeroHash(level));
      n = Math.floor(n / 2);
    }
    // A full tree has its root waiting at the top.
    return hashPair(n === 1 ? this.#nodes[depth]! : node, lengthNode(this.#count));
  }
}
