import { emergencySeed, PUBLIC_BEACONS } from '@iotw/assignment/public-beacons';
import { designatedServer, firstSeed, seedFromProof, seedFromSignature } from '@iotw/assignment/seed';
import { BLS_SIGNATURE_BYTES } from '@iotw/kernel/bls';
import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import {
  readPublicOrigin,
  type SeedOrigin,
  type SeedOriginName,
  seedOriginName,
} from '@iotw/protocol/seed-origin';

/** A seed that is believed: of epoch 0 by `genesisSeed`, of a later epoch by a verified round. */
export interface KnownSeed {
  readonly epoch: number;
  readonly seed: Uint8Array;
}

/** seed(0) of a network: anyone can compute it from the genesis' entropy. */
export function genesisSeed(network: Uint8Array, entropy: Uint8Array): KnownSeed {
  return { epoch: 0, seed: firstSeed(network, entropy) };
}

/**
 * The seed that a chain of VRF proofs (80 bytes each, for the epochs after `from` in order) leads to.
 * It shows that no designated ledger server chose a seed: each has one possible value given the last.
 * Codes: `seed-chain-keys` (no VRF key for a server), `seed-proof-invalid`.
 */
export function followSeeds(
  network: Uint8Array,
  vrfKeys: readonly Uint8Array[],
  from: KnownSeed,
  proofs: readonly Uint8Array[],
): Result<KnownSeed> {
  if (vrfKeys.length === 0) {
    return fail('seed-chain-keys', "The ledger servers' VRF keys are needed: take them from the genesis.");
  }
  let { epoch, seed } = from;
  for (const proof of proofs) {
    epoch++;
    const key = vrfKeys[designatedServer(epoch, vrfKeys.length)]!;
    const next = seedFromProof(network, key, seed, epoch, proof);
    if (!next.ok) return next;
    seed = next.value;
  }
  return ok({ epoch, seed });
}

/** Bytes of a VRF proof (RFC 9381). */
const VRF_PROOF_BYTES = 80;

/**
 * The seed that one link of the chain makes (spec: clauses 6.5 to 6.8). `origin` is what the signed header of a round
 * of that epoch names; without it only a VRF's link can be followed. `before` is the seed of the epoch before, which
 * the source threshold does not need.
 * Codes: `seed-source-mismatch` (the proof is of another kind than the round says), `seed-origin-missing` (no round
 * names the key), `seed-before-missing`, `seed-beacon-unknown` (a public beacon this software does not know),
 * `seed-public-value` (not that beacon's value of that round), `seed-chain-keys`, `seed-proof-invalid`.
 */
export function seedOfLink(
  network: Uint8Array,
  vrfKeys: readonly Uint8Array[],
  before: KnownSeed | undefined,
  link: { readonly epoch: number; readonly proof: Uint8Array },
  origin: SeedOrigin | undefined,
): Result<KnownSeed> {
  const { epoch, proof } = link;
  const source =
    origin === undefined
      ? proof.length === VRF_PROOF_BYTES
        ? 'vrf'
        : undefined
      : seedOriginName(origin.seedSource);
  if (source === undefined) {
    return fail(
      'seed-origin-missing',
      `No round given says what made the seed of epoch ${epoch}: give the round that opened it.`,
    );
  }
  if (kindOf(proof) !== source) {
    return fail(
      'seed-source-mismatch',
      `The proof of epoch ${epoch} is not of the kind ${source}, which the round names.`,
    );
  }
  if (source === 'threshold') {
    const seed = seedFromSignature(network, origin!.seedKey, epoch, proof);
    return seed.ok ? ok({ epoch, seed: seed.value }) : seed;
  }
  if (before?.epoch !== epoch - 1) {
    return fail('seed-before-missing', `No believed seed leads to epoch ${epoch}.`);
  }
  return source === 'vrf'
    ? followSeeds(network, vrfKeys, before, [proof])
    : publicSeedOf(network, before, link, origin!);
}

/** What a proof is by its length: a public beacon's value has 48, 128 or 192 bytes. */
function kindOf(proof: Uint8Array): SeedOriginName {
  if (proof.length === 0) return 'genesis';
  if (proof.length === VRF_PROOF_BYTES) return 'vrf';
  return proof.length === BLS_SIGNATURE_BYTES ? 'threshold' : 'public';
}

function publicSeedOf(
  network: Uint8Array,
  before: KnownSeed,
  { epoch, proof }: { readonly epoch: number; readonly proof: Uint8Array },
  origin: SeedOrigin,
): Result<KnownSeed> {
  const named = readPublicOrigin(origin);
  const beacon = PUBLIC_BEACONS.find(({ chain }) => named !== undefined && equalBytes(chain, named.chain));
  if (named === undefined || beacon === undefined) {
    return fail(
      'seed-beacon-unknown',
      `Epoch ${epoch} names a public beacon that this software does not know.`,
    );
  }
  const seed = emergencySeed(network, before.seed, epoch, beacon, named.round, proof);
  if (seed.ok) return ok({ epoch, seed: seed.value });
  return fail('seed-public-value', seed.error.message);
}

/** Whether a link can't be followed for want of what was not given: nothing is wrong with it. */
export function lacksData(code: string): boolean {
  return code === 'seed-origin-missing' || code === 'seed-before-missing';
}
