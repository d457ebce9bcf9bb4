import { ByteVectorType, ListCompositeType } from '@chainsafe/ssz';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MerkleStream,
  merkleDepth,
  merklePath,
  merkleRoot,
  merkleRootFromPath,
  verifyMerklePath,
} from './merkle.js';
import { Prng } from './prng.js';

const leafOf = (leaves: Uint8Array, i: number) => leaves.slice(32 * i, 32 * i + 32);

function reference(leaves: Uint8Array, count: number, limit: number): Uint8Array {
  const type = new ListCompositeType(new ByteVectorType(32), limit);
  return type.hashTreeRoot(Array.from({ length: count }, (_, i) => leafOf(leaves, i)));
}

function streamed(leaves: Uint8Array, count: number, limit: number): Uint8Array {
  const stream = new MerkleStream(limit);
  for (let i = 0; i < count; i++) stream.absorb(leafOf(leaves, i));
  return stream.root();
}

describe.each([1, 2, 3, 4, 5, 16, 100, 1024, 2 ** 20])('limit %i', (limit) => {
  const counts = [0, 1, 2, 3, 4, 5, 15, 16, 17, 99, 100, 255, 1023, 1024].filter((n) => n <= limit);

  test.each(counts)('%i leaves: root and stream equal SSZ, every path leads to the root', (count) => {
    const leaves = new Prng(count).bytes(32 * count);
    const root = merkleRoot(leaves, count, limit);
    expect(root).toEqual(reference(leaves, count, limit));
    expect(streamed(leaves, count, limit)).toEqual(root);
    const step = Math.max(1, Math.floor(count / 13));
    for (let i = 0; i < count; i += step) {
      const path = merklePath(leaves, count, limit, i);
      expect(path.length).toBe(merkleDepth(limit) + 1);
      expect(merkleRootFromPath(leafOf(leaves, i), i, path)).toEqual(root);
      expect(verifyMerklePath(root, leafOf(leaves, i), i, path, limit)).toBe(true);
    }
  });
});

test('random trees equal SSZ', () => {
  const property = fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(300), fc.nat(), (limit, n, seed) => {
    const count = n % (limit + 1);
    const leaves = new Prng(seed).bytes(32 * count);
    const root = merkleRoot(leaves, count, limit);
    expect(root).toEqual(reference(leaves, count, limit));
    expect(streamed(leaves, count, limit)).toEqual(root);
  });
  fc.assert(property);
});

test('only the first count leaves of a longer buffer matter, and it is left as it was', () => {
  const leaves = new Prng('long').bytes(320);
  const before = leaves.slice();
  expect(merkleRoot(leaves, 7, 16)).toEqual(merkleRoot(leaves.slice(0, 224), 7, 16));
  expect(leaves).toEqual(before);
});

test('a stream may be asked for its root at any time', () => {
  const leaves = new Prng('stream').bytes(32 * 20);
  const stream = new MerkleStream(32);
  for (let i = 0; i < 20; i++) {
    expect(stream.root()).toEqual(merkleRoot(leaves, i, 32));
    stream.absorb(leafOf(leaves, i));
  }
  expect(stream.count).toBe(20);
});

test('a path proves its own index, leaf, length and limit only', () => {
  const leaves = new Prng('path').bytes(32 * 6);
  const root = merkleRoot(leaves, 6, 16);
  const path = merklePath(leaves, 6, 16, 2);
  const leaf = leafOf(leaves, 2);
  const proves = (l = leaf, i = 2, p = path, limit = 16) => verifyMerklePath(root, l, i, p, limit);
  expect(proves()).toBe(true);
  for (const index of [0, 1, 3, 6, 15, 18, 34, 2 + 2 ** 32, -1, 2.5, Number.NaN])
    expect(proves(leaf, index)).toBe(false);
  expect(proves(leafOf(leaves, 3))).toBe(false);
  expect(proves(leaf.subarray(1))).toBe(false);
  expect(proves(leaf, 2, path.slice(1))).toBe(false);
  expect(proves(leaf, 2, path, 32)).toBe(false);
  for (let node = 0; node < path.length; node++) {
    const changed = path.map((n) => n.slice());
    changed[node]![31] = changed[node]![31]! ^ 1;
    expect(proves(leaf, 2, changed), `node ${node}`).toBe(false);
    changed[node] = new Uint8Array(31);
    expect(proves(leaf, 2, changed), `short node ${node}`).toBe(false);
  }
});

test('an inner node cannot pass for a leaf, nor padding for an element', () => {
  const leaves = new Prng('inner').bytes(32 * 4);
  const root = merkleRoot(leaves, 4, 4);
  const path = merklePath(leaves, 4, 4, 0);
  const inner = merkleRootFromPath(leafOf(leaves, 0), 0, path.slice(0, 2));
  expect(verifyMerklePath(root, inner, 0, path.slice(1), 4)).toBe(false);
  // Leaf 3 of three is the zero padding: its path leads to the root, but the index is not in the list.
  const three = merkleRoot(leaves, 3, 4);
  const zero = new Uint8Array(32);
  const padded = merklePath(leaves, 3, 4, 2);
  padded[0] = leafOf(leaves, 2);
  expect(merkleRootFromPath(zero, 3, padded)).toEqual(three);
  expect(verifyMerklePath(three, zero, 3, padded, 4)).toBe(false);
});

test('callers beyond the limits are stopped', () => {
  const leaves = new Uint8Array(32 * 5);
  expect(() => merkleRoot(leaves, 5, 4)).toThrow('limit');
  expect(() => merkleRoot(leaves, 6, 8)).toThrow('fewer leaf bytes');
  expect(() => merkleRoot(leaves, -1, 8)).toThrow();
  expect(() => merkleDepth(0)).toThrow('positive');
  expect(() => merkleDepth(2 ** 41)).toThrow('2^40');
  expect(() => merklePath(leaves, 5, 8, 5)).toThrow('no leaf');
  const path = merklePath(leaves, 5, 8, 4);
  expect(() => merkleRootFromPath(leaves.subarray(0, 32), 8, path)).toThrow('outside');
  const stream = new MerkleStream(1);
  expect(() => stream.absorb(new Uint8Array(31))).toThrow('32 bytes');
  stream.absorb(new Uint8Array(32));
  expect(() => stream.absorb(new Uint8Array(32))).toThrow('limit');
});
