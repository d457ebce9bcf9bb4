import { verify } from '@iotw/kernel/ed25519';
import { trustThreshold } from '@iotw/protocol/certificate';
import type { PublicEpoch } from '@iotw/protocol/public-data';
import { epochVoteDigest } from '@iotw/protocol/round';
import { CheckList } from '../checks.js';
import type { ChainState } from './chain-state.js';
import type { SignerHistory } from './signer-history.js';

const BAD_SIGNATURE = 'pool-vote-signature';

/**
 * `pool-votes`: enough trust nodes signed pool root and seed of an epoch; every vote that is there must be good. A node may
 * replace its key between the epoch's opening and its vote: a vote that its key of then did not sign is looked at again
 * when all of the data is read.
 */
export class PoolVotes {
  readonly #network: Uint8Array;
  readonly #signers: SignerHistory;
  readonly #late: { readonly epoch: PublicEpoch; readonly standing: number }[] = [];

  constructor(network: Uint8Array, signers: SignerHistory) {
    this.#network = network;
    this.#signers = signers;
  }

  /** By the keys that hold now, as the epoch opens. */
  open(list: CheckList, epoch: PublicEpoch, { trustNodeKeys, standingNodes: standing }: ChainState): void {
    const own = new CheckList();
    this.#check(own, epoch, standing, (witness) => trustNodeKeys.slice(witness, witness + 1));
    if (own.checks.some(({ code }) => code === BAD_SIGNATURE)) this.#late.push({ epoch, standing });
    else list.checks.push(...own.checks);
  }

  /** What was left for the end, by the keys that the nodes took since. */
  *rest(): Generator<{ readonly epoch: number; readonly list: CheckList }> {
    for (const { epoch, standing } of this.#late) {
      const list = new CheckList();
      this.#check(list, epoch, standing, (witness) => this.#signers.trustKeysFrom(witness, epoch.opened));
      yield { epoch: epoch.epoch, list };
    }
  }

  /** Too few leave it unchecked, for a running epoch may still wait for them. */
  #check(
    list: CheckList,
    { epoch, poolRoot, seed, votes }: PublicEpoch,
    standing: number,
    keysOf: (witness: number) => readonly Uint8Array[],
  ): void {
    const name = 'pool-votes';
    const voted = new Set<number>();
    for (const { witness, signature } of votes) {
      const keys = keysOf(witness);
      if (keys.length === 0) {
        list.reject(name, `Trust node ${witness} is unknown.`, 'pool-vote-unknown');
        return;
      }
      if (voted.has(witness)) {
        list.reject(name, `Trust node ${witness} votes twice.`, 'pool-vote-duplicate');
        return;
      }
      voted.add(witness);
      const digest = epochVoteDigest(this.#network, { epoch, poolRoot, seed, witness });
      if (!keys.some((key) => verify(signature, digest, key))) {
        list.reject(
          name,
          `The vote of trust node ${witness} is not over this pool root and seed of epoch ${epoch}.`,
          BAD_SIGNATURE,
        );
        return;
      }
    }
    const needed = trustThreshold(standing);
    if (voted.size >= needed) list.pass(name, `${voted.size} trust nodes signed pool root and seed.`);
    else list.unchecked(name, `${voted.size} trust nodes signed pool root and seed, ${needed} are needed.`);
  }
}
