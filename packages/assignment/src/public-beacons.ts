import { assert } from '@iotw/kernel/assert';
import { blsVerifyOnG1, blsVerifyOnG2 } from '@iotw/kernel/bls-basic';
import { concatBytes, fromHex, writeU32 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from '@iotw/protocol/domains';

/** A public beacon that a vote may name (spec: 6.8). The chain hash commits to all the rest. */
export interface PublicBeacon {
  readonly name: string;
  /** drand's chain hash, 32 bytes. */
  readonly chain: Uint8Array;
  readonly publicKey: Uint8Array;
  /** Chained: each signature covers the one before; signatures on G2 (96 bytes) or G1 (48 bytes). */
  readonly chained: boolean;
  /** Seconds between values, and when the first came (Unix seconds). */
  readonly period: number;
  readonly genesisTime: number;
}

const bytes = (hex: string): Uint8Array => {
  const read = fromHex(hex);
  assert(read !== undefined, 'the table holds hex');
  return read;
};

/** The public drand networks of the League of Entropy. */
export const PUBLIC_BEACONS: readonly PublicBeacon[] = [
  {
    name: 'drand default',
    chain: bytes('8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce'),
    publicKey: bytes(
      '868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31',
    ),
    chained: true,
    period: 30,
    genesisTime: 1_595_431_050,
  },
  {
    name: 'drand quicknet',
    chain: bytes('52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971'),
    publicKey: bytes(
      '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
    ),
    chained: false,
    period: 3,
    genesisTime: 1_692_803_367,
  },
];

/** Unix time in ms at which the beacon's round comes out; rounds count from 1. */
export function publicRoundMs(beacon: PublicBeacon, round: number): number {
  return (beacon.genesisTime + (round - 1) * beacon.period) * 1_000;
}

/**
 * seed(epoch) from the value that a vote named: `proof` is the beacon's signature of `round` (behind it the
 * signature before, where chained). Bound to network, seed before and epoch, since the value itself is public.
 * Errors: `seed-proof-invalid`.
 */
export function emergencySeed(
  network: Uint8Array,
  previousSeed: Uint8Array,
  epoch: number,
  beacon: PublicBeacon,
  round: number,
  proof: Uint8Array,
): Result<Uint8Array> {
  if (!isPublicValue(beacon, round, proof)) {
    return fail(
      'seed-proof-invalid',
      `Epoch ${epoch} opens with round ${round} of ${beacon.name}: this is not its signature.`,
      { epoch, round },
    );
  }
  const signature = beacon.chained ? proof.subarray(0, 96) : proof;
  const number = new Uint8Array(4);
  writeU32(number, 0, epoch);
  return ok(signingDigest(DOMAIN.seed, network, concatBytes(previousSeed, number, signature)));
}

/** Whether `proof` is the beacon's value of `round`, by drand's rule. */
export function isPublicValue(beacon: PublicBeacon, round: number, proof: Uint8Array): boolean {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(round));
  if (!beacon.chained) return blsVerifyOnG1(beacon.publicKey, sha256(number), proof);
  // Round 1 stands on the 32 bytes the chain began with.
  if (proof.length !== (round === 1 ? 128 : 192)) return false;
  const message = sha256(concatBytes(proof.subarray(96), number));
  return blsVerifyOnG2(beacon.publicKey, message, proof.subarray(0, 96));
}
