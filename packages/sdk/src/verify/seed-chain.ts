import { designatedServer, firstSeed, seedFromProof, seedFromSignature } from '@iotw/assignment/seed';
import { BLS_SIGNATURE_BYTES } from '@iotw/kernel/bls';
import { fail, ok, type Result } from '@iotw/kernel/result';

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
 * The seed that one link of the chain makes (spec: clauses 6.5, 6.6): by the designated server's VRF proof, or by
 * the ledger servers' shared key. Which of the two stands in the proof's length.
 * Codes: `seed-chain-keys`, `seed-proof-invalid`, `seed-source-unknown` (a public value named by a vote: its
 * round is not in public data).
 */
export function seedOfLink(
  network: Uint8Array,
  vrfKeys: readonly Uint8Array[],
  before: KnownSeed,
  link: { readonly epoch: number; readonly proof: Uint8Array; readonly key: Uint8Array },
): Result<KnownSeed> {
  if (link.proof.length === VRF_PROOF_BYTES) return followSeeds(network, vrfKeys, before, [link.proof]);
  if (link.proof.length === BLS_SIGNATURE_BYTES) {
    const seed = seedFromSignature(network, link.key, link.epoch, link.proof);
    return seed.ok ? ok({ epoch: link.epoch, seed: seed.value }) : seed;
  }
  return fail(
    'seed-source-unknown',
    `The proof of epoch ${link.epoch} is neither a VRF's nor the group's: compare the public beacon that a vote named.`,
  );
}
