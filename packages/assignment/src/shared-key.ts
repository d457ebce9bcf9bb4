import { assert } from '@iotw/kernel/assert';
import {
  BLS_ORDER,
  combineG1,
  combineG2,
  divideScalars,
  g1Base,
  readScalar,
  scalarBytes,
  scalarFromWide,
} from '@iotw/kernel/bls-group';
import { concatBytes, equalBytes, writeU32 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';

/**
 * A BLS key shared t of n (spec: 6.6). A dealer picks a polynomial of degree t - 1, publishes the
 * generator times each coefficient (Feldman), and hands member x its value at x. A group key is the sum of
 * its qualified dealers' polynomials (Pedersen); in a resharing each dealer deals its old share and the
 * polynomials count with their Lagrange weights, so that the key stays. Scalars are bigint, points bytes.
 */

/** Bytes of one commitment. */
export const COMMITMENT_BYTES = 48;

/** Where a ledger server's share stands: its place on the ledger, counted from 1 (0 is the key itself). */
export function sharePlace(server: number): number {
  return server + 1;
}

/** A dealer's polynomial, from the constant up. */
export type Polynomial = readonly bigint[];

/**
 * The polynomial of `threshold` coefficients that belongs to 32 secret bytes: drawn once, made again after a
 * restart. `constant` (a resharing's old share) replaces the first coefficient.
 */
export function polynomialFrom(secret: Uint8Array, threshold: number, constant?: bigint): Polynomial {
  assert(secret.length === 32 && threshold >= 1, 'a polynomial has 32 secret bytes and a coefficient');
  return Array.from({ length: threshold }, (_, k) => {
    if (k === 0 && constant !== undefined) return constant;
    const number = new Uint8Array(4);
    writeU32(number, 0, 2 * k);
    const first = sha256(concatBytes(secret, number));
    writeU32(number, 0, 2 * k + 1);
    return scalarFromWide(concatBytes(first, sha256(concatBytes(secret, number))));
  });
}

/** The generator times each coefficient, one after another. */
export function commitmentsOf(polynomial: Polynomial): Uint8Array {
  return concatBytes(...polynomial.map(g1Base));
}

/** The polynomial's value at `place`. */
export function valueAt(polynomial: Polynomial, place: number): bigint {
  let value = 0n;
  for (const coefficient of [...polynomial].reverse()) {
    value = (value * BigInt(place) + coefficient) % BLS_ORDER;
  }
  return value;
}

/**
 * The generator times the committed polynomial's value at `place`, 48 bytes. The commitments were checked;
 * `undefined` where the value is zero, which a dealer may choose.
 */
export function publicShare(commitments: Uint8Array, place: number): Uint8Array | undefined {
  let power = 1n;
  const terms = pointsOf(commitments).map((point) => {
    const term = { point, scalar: power };
    power = (power * BigInt(place)) % BLS_ORDER;
    return term;
  });
  return combineG1(terms);
}

/** Whether `share` (32 bytes) is the committed polynomial's value at `place`. */
export function isShare(commitments: Uint8Array, place: number, share: Uint8Array): boolean {
  const value = readScalar(share);
  if (value === undefined || value === 0n) return false;
  const point = publicShare(commitments, place);
  return point !== undefined && equalBytes(g1Base(value), point);
}

/** What each dealer counts: once in a new key, by Lagrange at zero over their places in a resharing. */
export function dealerWeights(places: readonly number[], resharing: boolean): bigint[] {
  if (!resharing) return places.map(() => 1n);
  const { numerators, denominator } = lagrangeAtZero(places);
  return numerators.map((numerator) => divideScalars(numerator, denominator));
}

/**
 * The commitments of the shared key from those of its dealers, each with its weight; `undefined` where one is the
 * identity, which takes all dealers together: nobody could use such a key.
 */
export function combineCommitments(
  dealt: readonly Uint8Array[],
  weights: readonly bigint[],
): Uint8Array | undefined {
  const points = dealt.map(pointsOf);
  const degree = points[0]?.length ?? 0;
  const sums: Uint8Array[] = [];
  for (let k = 0; k < degree; k++) {
    const sum = combineG1(points.map((of, i) => ({ point: of[k]!, scalar: weights[i]! })));
    if (sum === undefined) return undefined;
    sums.push(sum);
  }
  return concatBytes(...sums);
}

/** A member's share of the shared key, 32 bytes, from what each dealer handed it (32 bytes each). */
export function combineShares(handed: readonly Uint8Array[], weights: readonly bigint[]): Uint8Array {
  let sum = 0n;
  for (const [i, share] of handed.entries()) {
    const value = readScalar(share);
    assert(value !== undefined, 'shares are checked before');
    sum += value * weights[i]!;
  }
  return scalarBytes(sum % BLS_ORDER);
}

/** A member's signature with its share. */
export interface PartialSignature {
  readonly place: number;
  readonly signature: Uint8Array;
}

/**
 * The group's signature, 96 bytes, from partial signatures of distinct places, as many as the threshold.
 * Any such set of good ones gives the same bytes. `undefined` where one is no point.
 */
export function recoverSignature(partials: readonly PartialSignature[]): Uint8Array | undefined {
  const { numerators, denominator } = lagrangeAtZero(partials.map(({ place }) => place));
  // Integer weights are small; one inverse at the end costs less than a full scalar for each.
  const sum = combineG2(partials.map(({ signature }, i) => ({ point: signature, scalar: numerators[i]! })));
  if (sum === undefined || denominator === 1n) return sum;
  return combineG2([{ point: sum, scalar: divideScalars(1n, denominator) }]);
}

/** Integers with value(0) = sum of numerator times value(place), divided by the denominator. */
function lagrangeAtZero(places: readonly number[]): { numerators: bigint[]; denominator: bigint } {
  assert(new Set(places).size === places.length && !places.includes(0), 'places are distinct and not zero');
  const parts = places.map((place) => {
    let over = 1n;
    let under = 1n;
    for (const other of places) {
      if (other === place) continue;
      over *= BigInt(other);
      under *= BigInt(other - place);
    }
    const common = gcd(over, under < 0n ? -under : under);
    return { over: over / common, under: under / common };
  });
  let denominator = 1n;
  for (const { under } of parts) {
    const positive = under < 0n ? -under : under;
    denominator = (denominator / gcd(denominator, positive)) * positive;
  }
  const numerators = parts.map(({ over, under }) => {
    const value = over * (denominator / under);
    return ((value % BLS_ORDER) + BLS_ORDER) % BLS_ORDER;
  });
  return { numerators, denominator };
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function pointsOf(commitments: Uint8Array): Uint8Array[] {
  assert(commitments.length % COMMITMENT_BYTES === 0, 'commitments have 48 bytes each');
  return Array.from({ length: commitments.length / COMMITMENT_BYTES }, (_, k) =>
    commitments.subarray(COMMITMENT_BYTES * k, COMMITMENT_BYTES * (k + 1)),
  );
}
