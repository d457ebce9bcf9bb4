import { blsSign } from '@iotw/kernel/bls';
import { g1Base, scalarBytes } from '@iotw/kernel/bls-group';
import { toHex } from '@iotw/kernel/bytes';
import { vrfKeyPairFromSeed, vrfProve } from '@iotw/kernel/vrf';
import { describe, expect, it } from 'vitest';
import {
  beaconMessage,
  designatedServer,
  firstSeed,
  SEED_SOURCES,
  seedAlpha,
  seedFromProof,
  seedFromSignature,
} from './seed.js';

const NETWORK = new Uint8Array(32).fill(1);
const OTHER_NETWORK = new Uint8Array(32).fill(2);
const ENTROPY = new Uint8Array(32).fill(3);
const keys = vrfKeyPairFromSeed(new Uint8Array(32).fill(4));
const others = vrfKeyPairFromSeed(new Uint8Array(32).fill(5));

function prove(network: Uint8Array, previous: Uint8Array, epoch: number, pair = keys) {
  return vrfProve(pair.secretKey, seedAlpha(network, previous, epoch));
}

describe('the seed chain', () => {
  it('follows its vector', () => {
    const chain: string[] = [];
    let seed = firstSeed(NETWORK, ENTROPY);
    chain.push(toHex(seed));
    for (let epoch = 1; epoch <= 3; epoch++) {
      const next = seedFromProof(NETWORK, keys.publicKey, seed, epoch, prove(NETWORK, seed, epoch));
      if (!next.ok) throw new Error(next.error.message);
      seed = next.value;
      chain.push(toHex(seed));
    }
    expect(chain).toMatchInlineSnapshot(`
      [
        "26d1cd36ba75f4c194a75422a035e74ef8d7b92eb1f8a03b26d323107f2ba477",
        "50595328341f1aab48c9788829851519db52ea5b7f97ee62f59e3c0c6015498b",
        "7f5a6b1f13177fc605ac1dea1780d7f0ab3c6f7b8ec9b865070df9da7c914bd9",
        "5b1accd94f39281f262fc601dfa72445afb74a7a6919501abdbae0fd9e1e3a7b",
      ]
    `);
  });

  const first = firstSeed(NETWORK, ENTROPY);
  const good = prove(NETWORK, first, 1);
  const flipped = good.slice();
  flipped[0]! ^= 1;
  it.each([
    ['another key', prove(NETWORK, first, 1, others)],
    ['another epoch', prove(NETWORK, first, 2)],
    ['another network', prove(OTHER_NETWORK, first, 1)],
    ['another seed before', prove(NETWORK, firstSeed(OTHER_NETWORK, ENTROPY), 1)],
    ['one bit altered', flipped],
    ['a byte less', good.subarray(0, 79)],
    ['no bytes', new Uint8Array(0)],
    ['a byte more', new Uint8Array([...good, 0])],
  ])('refuses a proof with %s', (_, proof) => {
    const result = seedFromProof(NETWORK, keys.publicKey, first, 1, proof);
    expect(result.ok ? 'valid' : result.error.code).toBe('seed-proof-invalid');
    expect(seedFromProof(NETWORK, keys.publicKey, first, 1, good).ok).toBe(true);
  });

  it.each([
    ['small order', new Uint8Array(32)],
    ['the identity', Uint8Array.of(1, ...new Array<number>(31).fill(0))],
    ['not canonical', new Uint8Array(32).fill(0xff)],
  ])('refuses a VRF key that is %s', (_, key) => {
    expect(seedFromProof(NETWORK, key, first, 1, good).ok).toBe(false);
  });

  it('gives one seed for one input whoever made the proof bytes', () => {
    const again = seedFromProof(NETWORK, keys.publicKey, first, 1, prove(NETWORK, first, 1));
    expect(again).toEqual(seedFromProof(NETWORK, keys.publicKey, first, 1, good));
  });

  it('has a row for the source by its name', () => {
    expect(SEED_SOURCES.vrf.input(NETWORK, first, 1)).toEqual(seedAlpha(NETWORK, first, 1));
    expect(SEED_SOURCES.vrf.seed(NETWORK, keys.publicKey, first, 1, good).ok).toBe(true);
  });
});

it.each([
  [0, 1, 0],
  [7, 1, 0],
  [7, 4, 3],
  [8, 4, 0],
])('epoch %i of %i ledger servers is opened by server %i', (epoch, servers, server) => {
  expect(designatedServer(epoch, servers)).toBe(server);
});

describe('the seed of a group signature', () => {
  const key = g1Base(77n);
  const sign = (network: Uint8Array, epoch: number, secret = 77n) =>
    blsSign(scalarBytes(secret), beaconMessage(network, epoch));
  const good = sign(NETWORK, 5);
  const identity = new Uint8Array(96);
  identity[0] = 0xc0;

  it('is the same for all who have the signature, and of this network and epoch alone', () => {
    const made = seedFromSignature(NETWORK, key, 5, good);
    const { seed, input } = SEED_SOURCES.threshold;
    expect(seed(NETWORK, key, ENTROPY, 5, good)).toEqual(made);
    expect(made.ok && made.value).not.toEqual(new Uint8Array(32));
    // Unchained: what is signed does not depend on the seed before.
    expect(input(NETWORK, ENTROPY, 5)).toEqual(input(NETWORK, NETWORK, 5));
  });

  it.each([
    ['of another epoch', sign(NETWORK, 6)],
    ['of another network', sign(OTHER_NETWORK, 5)],
    ['by another key', sign(NETWORK, 5, 78n)],
    ['that is the identity', identity],
    ['cut short', good.subarray(0, 95)],
    ['with more bytes', new Uint8Array([...good, 0])],
    ['with a bit changed', good.map((b, i) => (i === 95 ? b ^ 1 : b))],
    ['of no bytes', new Uint8Array(0)],
  ])('is refused from a signature %s', (_, signature) => {
    const made = seedFromSignature(NETWORK, key, 5, signature);
    expect(made.ok ? 'ok' : made.error.code).toBe('seed-proof-invalid');
  });
});
