import { assert } from '@iotw/kernel/assert';
import { blsVerify } from '@iotw/kernel/bls';
import { concatBytes, writeU32 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { signingDigest } from '@iotw/kernel/signing';
import { vrfVerify } from '@iotw/kernel/vrf';
import { DOMAIN } from '@iotw/protocol/domains';

/**
 * Seeds of the epochs (spec: clause 6). The first comes from the genesis; each later one is made from the
 * one before by a seed source. What is hashed under the seed domain has 32 bytes (genesis entropy), 36
 * (a source's input), 64 (a VRF output), 96 (a group's signature) or 84 and 132 (a public beacon's value), so that
 * none can stand for another.
 */

/** seed(0): 32 bytes, from the genesis' public entropy (32 bytes) and the network id. */
export function firstSeed(network: Uint8Array, entropy: Uint8Array): Uint8Array {
  assert(entropy.length === 32, 'genesis entropy has 32 bytes');
  return signingDigest(DOMAIN.seed, network, entropy);
}

/**
 * What the designated ledger server's VRF is applied to for seed(epoch): 32 bytes, bound to the network,
 * the seed before and the epoch's number, so that a proof serves nowhere else.
 */
export function seedAlpha(network: Uint8Array, previousSeed: Uint8Array, epoch: number): Uint8Array {
  assert(previousSeed.length === 32, 'a seed has 32 bytes');
  const number = new Uint8Array(4);
  writeU32(number, 0, epoch);
  return signingDigest(DOMAIN.seed, network, concatBytes(previousSeed, number));
}

/**
 * seed(epoch), 32 bytes, from the designated server's proof (80 bytes, RFC 9381). `epoch` is the one the
 * seed is for, `previousSeed` the seed of the epoch before. Errors: `seed-proof-invalid`.
 */
export function seedFromProof(
  network: Uint8Array,
  vrfKey: Uint8Array,
  previousSeed: Uint8Array,
  epoch: number,
  proof80: Uint8Array,
): Result<Uint8Array> {
  const output = vrfVerify(vrfKey, seedAlpha(network, previousSeed, epoch), proof80);
  if (output === undefined) {
    return fail(
      'seed-proof-invalid',
      `The proof does not open epoch ${epoch}: prove the input of this network, seed and epoch with the designated server's VRF key.`,
      { epoch },
    );
  }
  return ok(signingDigest(DOMAIN.seed, network, output));
}

/** The ledger server whose VRF opens `epoch`: they take turns. */
export function designatedServer(epoch: number, serverCount: number): number {
  assert(serverCount >= 1, 'a network has a ledger server');
  return epoch % serverCount;
}

/** What the group signs for `epoch`: 32 bytes, of the network and the epoch's number alone (unchained, as drand). */
export function beaconMessage(network: Uint8Array, epoch: number): Uint8Array {
  const number = new Uint8Array(4);
  writeU32(number, 0, epoch);
  return signingDigest(DOMAIN.beaconEpoch, network, number);
}

/** seed(epoch), 32 bytes, from the group's signature (96 bytes) by its key (48 bytes). Errors: `seed-proof-invalid`. */
export function seedFromSignature(
  network: Uint8Array,
  groupKey: Uint8Array,
  epoch: number,
  signature: Uint8Array,
): Result<Uint8Array> {
  if (!blsVerify(groupKey, beaconMessage(network, epoch), signature)) {
    return fail(
      'seed-proof-invalid',
      `The signature does not open epoch ${epoch}: it must be the group's, of this network and epoch.`,
      { epoch },
    );
  }
  return ok(signingDigest(DOMAIN.seed, network, signature));
}

/** One way of making the next seed from the last. */
export interface SeedSource {
  /** What has to be proven or signed for seed(epoch). */
  readonly input: (network: Uint8Array, previousSeed: Uint8Array, epoch: number) => Uint8Array;
  /** seed(epoch) from the proof by `key`. */
  readonly seed: (
    network: Uint8Array,
    key: Uint8Array,
    previousSeed: Uint8Array,
    epoch: number,
    proof: Uint8Array,
  ) => Result<Uint8Array>;
}

/** @public Seed sources by the name that the network's parameters give; each has one row. */
export const SEED_SOURCES = {
  vrf: { input: seedAlpha, seed: seedFromProof },
  threshold: {
    input: (network, _previousSeed, epoch) => beaconMessage(network, epoch),
    seed: (network, key, _previousSeed, epoch, proof) => seedFromSignature(network, key, epoch, proof),
  },
} as const satisfies Readonly<Record<string, SeedSource>>;
