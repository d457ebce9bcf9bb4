import { TestNetwork } from '@iotw/assignment/test-network';
import { equalBytes } from '@iotw/kernel/bytes';
import { keyPairFromSeed, sign, verify } from '@iotw/kernel/ed25519';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { MISS_KIND, missDigest, silenceDigest, voteDigest } from '@iotw/protocol/certificate';
import { describe, expect, it } from 'vitest';
import { Attempt } from './attempt.js';
import type { TrustNodeContext } from './context.js';
import type { InFlight } from './in-flight.js';
import { dropRetired, signedAnew } from './rekey.js';

const { network, header, draw } = new TestNetwork({ devices: 12 });
const key = (n: number) => keyPairFromSeed(new Uint8Array(32).fill(n));
const hash = new Uint8Array(32).fill(9);

function vote(witness: number, n: number) {
  const { lane, incarnation, height } = header;
  const content = { lane, incarnation, height, hash, witness };
  return { ...content, signature: sign(voteDigest(network, content), key(n).secretKey) };
}

/** Node 0 with key `own`; the ledger lists keys 10, 11, 12. */
function context(own: number): TrustNodeContext {
  const trustKeys = [10, 11, 12].map((n) => key(n).publicKey);
  const checker = new SignatureChecker();
  return { network, index: 0, keys: key(own), checker, view: { trustKeys } } as unknown as TrustNodeContext;
}

function inFlight(signer: number, votes: [witness: number, key: number][]): InFlight {
  const block = { header, hash, signature: sign(hash, key(signer).secretKey) };
  const attempt = new Attempt({
    draw,
    attempt: 0,
    ranksPerAttempt: 16,
    committeeSize: 4,
    userSeats: 1,
    removed: () => false,
  });
  attempt.ask(0);
  return {
    block,
    attempt,
    votes: new Map(votes.map(([witness, n]) => [witness, vote(witness, n)])),
  } as unknown as InFlight;
}

describe('after a rotation', () => {
  it('what is signed by current keys stays as it is', () => {
    const block = inFlight(10, [
      [0, 10],
      [1, 11],
      [2, 12],
    ]);
    const before = block.block;
    expect(dropRetired(context(10), block)).toBe(false);
    expect(block.block).toBe(before);
    expect([...block.votes.keys()]).toEqual([0, 1, 2]);
  });

  it("another node's vote under its retired key goes", () => {
    const block = inFlight(10, [
      [0, 10],
      [1, 21],
      [2, 12],
    ]);
    expect(dropRetired(context(10), block)).toBe(true);
    expect([...block.votes.keys()]).toEqual([0, 2]);
  });

  it('the own block is signed again, its hash the same', () => {
    const block = inFlight(20, [
      [0, 20],
      [1, 11],
    ]);
    expect(dropRetired(context(10), block)).toBe(true);
    expect(equalBytes(block.block.hash, hash)).toBe(true);
    expect(verify(block.block.signature, hash, key(10).publicKey)).toBe(true);
    expect([...block.votes.keys()]).toEqual([1]);
  });

  it('misses and statements of silence under a retired key go, and their ranks are open again', () => {
    const block = inFlight(10, []);
    const { lane, incarnation, height } = header;
    const place = (rank: number) => {
      const { device, host } = draw.at(rank)!;
      return { lane, incarnation, height, attempt: 0, rank, device, host };
    };
    const missAt = (rank: number, n: number) => {
      const content = { ...place(rank), host: 1, kind: MISS_KIND.hard };
      return { ...content, signature: sign(missDigest(network, content), key(n).secretKey) };
    };
    block.attempt.miss(missAt(0, 11));
    block.attempt.miss(missAt(1, 21));
    for (const [rank, n] of [
      [2, 12],
      [3, 22],
    ] as const) {
      const content = { ...place(rank), witness: 2 };
      const seat = block.attempt.seat(rank)!;
      seat.silences.set(2, sign(silenceDigest(network, content), key(n).secretKey));
      seat.thresholdMiss = { ...place(rank), statements: [] };
    }
    expect(dropRetired(context(10), block)).toBe(true);
    expect(block.attempt.silent().map(({ rank }) => rank)).toEqual([1, 3]);
  });

  it('a block from disk is signed again only under another key', () => {
    const { block } = inFlight(20, []);
    expect(signedAnew(context(20), block)).toBe(block);
    expect(verify(signedAnew(context(10), block).signature, hash, key(10).publicKey)).toBe(true);
  });
});
