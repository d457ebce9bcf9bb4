import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { trustThreshold } from '@iotw/protocol/certificate';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { EpochVote, RoundHeader } from '@iotw/protocol/round';
import type { LightTrust } from './light/follow.js';

/**
 * What a verifier believes beforehand. Nothing of it may come from the server whose answers are
 * verified, but for the pool: that is checked against signatures of the others.
 */
export interface Trust {
  /** Network id, 32 bytes. */
  readonly network: Uint8Array;
  /** Signing keys by number; from the genesis, or of a round by verified public data (`DataReport.signersAt`). */
  readonly trustNodeKeys: readonly Uint8Array[];
  readonly ledgerServerKeys: readonly Uint8Array[];
  /** Keys of ledger servers that the very round replaced: its header may still be signed by them. */
  readonly replacedServerKeys?: ReadonlyMap<number, Uint8Array>;
  /** Ledger servers that votes have suspended: their signatures of rounds count for nothing. */
  readonly suspendedServers?: ReadonlySet<number>;
  /** Versions of the protocol whose rounds are believed; those that this software knows unless given. */
  readonly versions?: readonly number[];
  /** VRF keys by number; needed for seed chains only. */
  readonly vrfKeys?: readonly Uint8Array[];
  /** Where the genesis has seeds come from (SEED_SOURCE). */
  readonly seedSource?: number;
  /** What opened the block's epoch, as public data give it (`PublicEpoch.proof`): tells an emergency from the rest. */
  readonly seedProof?: Uint8Array;
  /** Ledger servers that must have signed a round; more than two thirds of them unless given. */
  readonly ledgerThreshold?: number;
  /**
   * Where the verification of a commit begins, in a network whose ledger servers order on CometBFT: its commit then stands for
   * a round in place of their signatures.
   */
  readonly light?: LightTrust;
  /** Pool and seed of the block's epoch; without them the device committee stays unchecked. */
  readonly pool?: EpochSnapshot;
  /** Rounds verified before, and trust nodes' votes: either may vouch for the pool of another epoch. */
  readonly rounds?: readonly Pick<RoundHeader, 'epoch' | 'seed' | 'poolRoot'>[];
  readonly epochVotes?: readonly EpochVote[];
  /** Whether the device was out of the pool in the state of a round, where somebody trusted can tell. */
  readonly removed?: (device: number, refRound: number) => boolean;
}

/**
 * The trust that a genesis file gives; spread pool and the rest over it. `network` is the id that the
 * verifier knows from elsewhere: with it even the genesis may come from a stranger.
 * Code: `trust-network` (the genesis is another network's).
 */
export function trustFromGenesis(genesis: Genesis, network?: Uint8Array): Result<Trust> {
  const id = networkId(genesis);
  if (network !== undefined && !equalBytes(network, id)) {
    return fail(
      'trust-network',
      "The genesis belongs to another network than expected: get this network's genesis file.",
    );
  }
  return ok({
    network: id,
    trustNodeKeys: genesis.trustNodes.map(({ key }) => key),
    ledgerServerKeys: genesis.ledgerServers.map(({ key }) => key),
    vrfKeys: genesis.ledgerServers.map(({ vrfKey }) => vrfKey),
    seedSource: genesis.parameters.seedSource,
  });
}

/** Ledger servers whose signatures a round needs: floor(2n/3)+1 of the n that take part, or what the trust says. */
export function ledgerThreshold({
  ledgerServerKeys,
  suspendedServers,
  ledgerThreshold: said,
}: Pick<Trust, 'ledgerServerKeys' | 'ledgerThreshold' | 'suspendedServers'>): number {
  return said ?? trustThreshold(ledgerServerKeys.length - (suspendedServers?.size ?? 0));
}
