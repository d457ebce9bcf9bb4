import { equalBytes } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { type EpochSnapshot, poolRoot } from '@iotw/protocol/pool';
import { epochVoteDigest } from '@iotw/protocol/round';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';

/** Signs the pool root and seed of epochs that open, after checking the root (spec: clause 6.9). */
export class EpochConfirmation {
  readonly #context: TrustNodeContext;
  readonly #checked = new WeakSet<EpochSnapshot>();

  constructor(context: TrustNodeContext) {
    this.#context = context;
  }

  confirm(snapshot: EpochSnapshot, effects: TrustNodeEffect[]): void {
    const { network, index, keys, view } = this.#context;
    if (!this.#checked.has(snapshot)) {
      if (!equalBytes(poolRoot(snapshot), snapshot.root)) return;
      this.#checked.add(snapshot);
    }
    const content = { epoch: snapshot.epoch, poolRoot: snapshot.root, seed: snapshot.seed, witness: index };
    const vote = { ...content, signature: sign(epochVoteDigest(network, content), keys.secretKey) };
    for (const to of view.ledgerServers)
      effects.push({ kind: 'send', to, message: { kind: 'epoch-vote', vote } });
  }
}
