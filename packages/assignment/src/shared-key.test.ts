import { blsSign, blsVerify } from '@iotw/kernel/bls';
import { BLS_ORDER, readScalar, scalarBytes } from '@iotw/kernel/bls-group';
import { utf8 } from '@iotw/kernel/bytes';
import { Prng } from '@iotw/kernel/prng';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COMMITMENT_BYTES,
  combineCommitments,
  combineShares,
  commitmentsOf,
  dealerWeights,
  isShare,
  polynomialFrom,
  publicShare,
  recoverSignature,
  sharePlace,
  valueAt,
} from './shared-key.js';

const MESSAGE = utf8('epoch 7');

/** A key shared by `dealers` among all servers 0 .. members - 1. */
function share(prng: Prng, members: number, threshold: number, dealers: readonly number[]) {
  const polynomials = dealers.map(() => polynomialFrom(prng.bytes(32), threshold));
  return finish(polynomials, members, dealers, false);
}

function finish(
  polynomials: readonly (readonly bigint[])[],
  members: number,
  dealers: readonly number[],
  resharing: boolean,
) {
  const weights = dealerWeights(dealers.map(sharePlace), resharing);
  const commitments = combineCommitments(polynomials.map(commitmentsOf), weights)!;
  const shares = Array.from({ length: members }, (_, server) =>
    combineShares(
      polynomials.map((p) => scalarBytes(valueAt(p, sharePlace(server)))),
      weights,
    ),
  );
  return { commitments, shares, key: commitments.slice(0, COMMITMENT_BYTES) };
}

/** `count` of the servers below `members`, in a random order. */
function choose(prng: Prng, members: number, count: number): number[] {
  const left = Array.from({ length: members }, (_, i) => i);
  return Array.from({ length: count }, () => left.splice(prng.below(left.length), 1)[0]!);
}

const recover = (shares: readonly Uint8Array[], servers: readonly number[]) =>
  recoverSignature(
    servers.map((server) => ({ place: sharePlace(server), signature: blsSign(shares[server]!, MESSAGE) })),
  );

describe('a shared key', () => {
  it('signs the same bytes whichever members sign, as one key would', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 7 }), fc.nat(6), (seed, members, less) => {
        const prng = new Prng(seed);
        const threshold = 1 + (less % members);
        const { commitments, shares, key } = share(
          prng,
          members,
          threshold,
          choose(prng, members, threshold),
        );
        const signature = recover(shares, choose(prng, members, threshold))!;
        expect(recover(shares, choose(prng, members, threshold))).toEqual(signature);
        expect(blsVerify(key, MESSAGE, signature)).toBe(true);
        for (let server = 0; server < members; server++) {
          expect(isShare(commitments, sharePlace(server), shares[server]!)).toBe(true);
          const partial = blsSign(shares[server]!, MESSAGE);
          expect(blsVerify(publicShare(commitments, sharePlace(server))!, MESSAGE, partial)).toBe(true);
        }
      }),
      { numRuns: 6 },
    );
  });

  it('gives nothing that verifies to fewer than the threshold, or with one wrong share', () => {
    const prng = new Prng('few');
    const { shares, key } = share(prng, 5, 3, [0, 1, 4]);
    expect(blsVerify(key, MESSAGE, recover(shares, [0, 3])!)).toBe(false);
    const wrong = shares.map((s, i) => (i === 2 ? scalarBytes((readScalar(s)! + 1n) % BLS_ORDER) : s));
    expect(blsVerify(key, MESSAGE, recover(wrong, [0, 2, 3])!)).toBe(false);
    expect(recoverSignature([{ place: 1, signature: new Uint8Array(96) }])).toBeUndefined();
  });

  it('keeps its key through a resharing to other members and another threshold, and old shares die', () => {
    const prng = new Prng('reshare');
    const old = share(prng, 5, 3, [0, 2, 3]);
    const dealers = [1, 2, 4];
    const polynomials = dealers.map((d) => polynomialFrom(prng.bytes(32), 4, readScalar(old.shares[d]!)));
    // A resharing dealer commits to its old share: anyone can check that.
    for (const [i, dealer] of dealers.entries()) {
      expect(commitmentsOf(polynomials[i]!).slice(0, COMMITMENT_BYTES)).toEqual(
        publicShare(old.commitments, sharePlace(dealer)),
      );
    }
    const next = finish(polynomials, 7, dealers, true);
    expect(next.key).toEqual(old.key);
    expect(recover(next.shares, [6, 5, 1, 0])).toEqual(recover(old.shares, [0, 1, 2]));
    expect(blsVerify(old.key, MESSAGE, recover(next.shares, [6, 5, 1])!)).toBe(false);
    const mixed = [old.shares[0]!, ...next.shares.slice(1)];
    expect(blsVerify(old.key, MESSAGE, recover(mixed, [0, 1, 2, 3])!)).toBe(false);
  });

  it('is not served by a share that its commitments do not give', () => {
    const polynomial = polynomialFrom(new Uint8Array(32).fill(1), 3);
    const commitments = commitmentsOf(polynomial);
    const good = scalarBytes(valueAt(polynomial, 4));
    expect(isShare(commitments, 4, good)).toBe(true);
    expect(isShare(commitments, 5, good)).toBe(false);
    expect(isShare(commitments, 4, new Uint8Array(32))).toBe(false);
    expect(isShare(commitments, 4, new Uint8Array(32).fill(255))).toBe(false);
  });

  it('has the polynomial of its secret: again after a restart, another for another secret', () => {
    const secret = new Uint8Array(32).fill(7);
    expect(polynomialFrom(secret, 3)).toEqual(polynomialFrom(secret, 3));
    expect(polynomialFrom(secret, 3)).not.toEqual(polynomialFrom(new Uint8Array(32).fill(8), 3));
    expect(polynomialFrom(secret, 3, 5n)[0]).toBe(5n);
    expect(new Set(polynomialFrom(secret, 20)).size).toBe(20);
  });
});
