/**
 * Arithmetic in the groups of BLS12-381 that shared keys need: scalars, linear combinations of points.
 * Points travel as compressed bytes (G1 48, G2 96); scalars as bigint below the order. JavaScript in
 * every variant: it runs a few times in a key ceremony and once in an epoch, and bigint is not
 * constant in time, which only a process on the same machine could measure.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { assert } from './assert.js';
import { BoundedMap } from './bounded-map.js';
import { toHex } from './bytes.js';

const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;
const { Fr } = bls12_381.fields;

/** Points that were read before: a ceremony's commitments come back for every share that is checked against them. */
const KNOWN_POINTS = 1_024;
const known = new BoundedMap<string, unknown>(KNOWN_POINTS);

/** Order of the groups. */
export const BLS_ORDER: bigint = Fr.ORDER;

/** A point of one of the two groups with how often it counts. */
export interface Term {
  readonly point: Uint8Array;
  readonly scalar: bigint;
}

/** The scalar as 32 bytes, big-endian. */
export function scalarBytes(scalar: bigint): Uint8Array {
  return Fr.toBytes(Fr.create(scalar));
}

/** The scalar of 32 big-endian bytes, `undefined` where it is not below the order. */
export function readScalar(bytes: Uint8Array): bigint | undefined {
  assert(bytes.length === 32, 'a scalar has 32 bytes');
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value < BLS_ORDER ? value : undefined;
}

/** 64 uniform bytes as a scalar of 1 .. order - 1 (bias below 2^-250). */
export function scalarFromWide(bytes: Uint8Array): bigint {
  assert(bytes.length === 64, 'a wide scalar has 64 bytes');
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return (value % (BLS_ORDER - 1n)) + 1n;
}

/** (a / b) modulo the order; b is not a multiple of it. */
export function divideScalars(a: bigint, b: bigint): bigint {
  return Fr.div(Fr.create(a), Fr.create(b));
}

/** `scalar` times the generator of G1: 48 bytes. The scalar is not a multiple of the order. */
export function g1Base(scalar: bigint): Uint8Array {
  return G1.BASE.multiply(Fr.create(scalar)).toBytes();
}

/** Whether the bytes are a point of G1 other than the identity, in its one encoding. */
export function isG1(point: Uint8Array): boolean {
  return readPoint(G1, point) !== undefined;
}

/** The sum of scalar times point over terms of G1, 48 bytes; `undefined` where a point is none or the sum is the identity. */
export function combineG1(terms: readonly Term[]): Uint8Array | undefined {
  return combine(G1, terms);
}

/** The sum of scalar times point over terms of G2, 96 bytes; `undefined` where a point is none or the sum is the identity. */
export function combineG2(terms: readonly Term[]): Uint8Array | undefined {
  return combine(G2, terms);
}

type Group = typeof G1 | typeof G2;
type PointOf<G extends Group> = G['BASE'];

function combine<G extends Group>(group: G, terms: readonly Term[]): Uint8Array | undefined {
  let sum = group.ZERO as PointOf<G>;
  for (const { point, scalar } of terms) {
    const read = readPoint(group, point);
    if (read === undefined) return undefined;
    // All scalars here are public or blinded by the group they go to.
    const product = (read as typeof G1.BASE).multiplyUnsafe(Fr.create(scalar)) as unknown;
    sum = (sum as typeof G1.BASE).add(product as typeof G1.BASE) as unknown as PointOf<G>;
  }
  // The identity has no bytes here: whoever made it would sign for anything.
  return sum.is0() ? undefined : sum.toBytes();
}

function readPoint<G extends Group>(group: G, bytes: Uint8Array): PointOf<G> | undefined {
  // The compressed form only: the library reads others as well.
  if (bytes.length !== (group === G1 ? 48 : 96) || (bytes[0]! & 0x80) === 0) return undefined;
  // The length says which group it is of.
  const entry = toHex(bytes);
  const before = known.get(entry);
  if (before !== undefined) return before as PointOf<G>;
  try {
    // Reading checks the curve and the subgroup, which costs a millisecond.
    const point = group.fromBytes(bytes);
    if (point.is0()) return undefined;
    known.set(entry, point);
    return point as PointOf<G>;
  } catch {
    return undefined;
  }
}
