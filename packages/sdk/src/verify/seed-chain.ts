import { designatedServer, firstSeed, seedFromProof } from '@iotw/assignment/seed';
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
