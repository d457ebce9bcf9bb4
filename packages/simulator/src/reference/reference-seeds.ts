import { isPublicValue, PUBLIC_BEACONS } from '@iotw/assignment/public-beacons';
import { blsVerify } from '@iotw/kernel/bls';
import { concatBytes, equalBytes, writeU32 } from '@iotw/kernel/bytes';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import { signingDigest } from '@iotw/kernel/signing';
import type { EpochEdge } from '@iotw/ledger/round-outcome';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import type { AppliedRound } from '../invariants/applied-round.js';
import type { ReferenceRule } from './reference-rule.js';
import type { ReferenceVotes } from './reference-votes.js';

/** Clauses 6.5, 6.6 and 6.8: each seed follows from the round's proof, by the source of the epoch that ends and no other. */
export class ReferenceSeeds implements ReferenceRule {
  readonly name = 'seeds-follow';
  readonly #votes: ReferenceVotes;
  readonly #checker: SignatureChecker;

  constructor(votes: ReferenceVotes, checker: SignatureChecker) {
    this.#votes = votes;
    this.#checker = checker;
  }

  edge({ ledger, input }: AppliedRound, { ended, snapshot }: EpochEdge): string | undefined {
    const { network, genesis } = ledger;
    const epoch = ended + 1;
    const number = new Uint8Array(4);
    writeU32(number, 0, epoch);
    const proof = input.seedProof;
    let shown: Uint8Array | undefined;
    const named = this.#votes.publicRound(epoch);
    if (named !== undefined) {
      const beacon = PUBLIC_BEACONS.find(({ chain }) => equalBytes(chain, named.chain))!;
      const signature = beacon.chained ? proof.subarray(0, 96) : proof;
      if (isPublicValue(beacon, named.round, proof))
        shown = concatBytes(ledger.snapshotOf(ended)!.seed, number, signature);
    } else if (this.#votes.parametersOf(ended).seedSource === SEED_SOURCE.vrf) {
      const { vrfKey } = genesis.ledgerServers[epoch % genesis.ledgerServers.length]!;
      const before = ledger.snapshotOf(ended)!.seed;
      const alpha = signingDigest('iotw/v1/seed', network, concatBytes(before, number));
      shown = this.#checker.vrfOutput(vrfKey, alpha, proof);
    } else {
      const message = signingDigest('iotw/v1/beacon-epoch', network, number);
      const key = ledger.groupKey;
      if (key !== undefined && proof.length === 96 && blsVerify(key, message, proof)) shown = proof;
    }
    if (shown === undefined) return `epoch ${epoch} opens without a good proof`;
    return equalBytes(snapshot.seed, signingDigest('iotw/v1/seed', network, shown))
      ? undefined
      : `epoch ${epoch} has another seed than its proof gives`;
  }
}
