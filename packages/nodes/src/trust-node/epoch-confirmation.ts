import { equalBytes } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { poolRoot } from '@iotw/protocol/pool';
import { epochVoteDigest } from '@iotw/protocol/round';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';

/** Signs pool root and seed of the running epoch, after checking the root (spec: clause 6.9). */
export class EpochConfirmation {
  readonly #context: TrustNodeContext;
  /** Epoch that was looked at last. */
  #epoch = -1;

  constructor(context: TrustNodeContext) {
    this.#context = context;
  }

  /** Once for each epoch, however the node learnt of it: also for the one that runs when it starts. */
  confirm(effects: TrustNodeEffect[]): void {
    const { network, index, keys, view } = this.#context;
    if (view.epoch === this.#epoch) return;
    const snapshot = view.snapshot(view.epoch);
    if (snapshot === undefined) return;
    this.#epoch = view.epoch;
    if (!equalBytes(poolRoot(snapshot), snapshot.root)) return;
    const content = { epoch: snapshot.epoch, poolRoot: snapshot.root, seed: snapshot.seed, witness: index };
    const vote = { ...content, signature: sign(epochVoteDigest(network, content), keys.secretKey) };
    for (const to of view.ledgerServers)
      effects.push({ kind: 'send', to, message: { kind: 'epoch-vote', vote } });
  }
}
