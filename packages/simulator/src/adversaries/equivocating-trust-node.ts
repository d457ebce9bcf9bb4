import { sign } from '@iotw/kernel/ed25519';
import { encodeMessage } from '@iotw/nodes/message-codec';
import { type PeerId, type PeerMessage, type ProposedBlock, trustPeer } from '@iotw/nodes/messages';
import { blockHash } from '@iotw/protocol/header';
import type { World } from '../world/world.js';
import { type Adversary, type Held, holding } from './adversary.js';

/** A trust node that after a while shows the others a second header for one height of its lane. */
export class EquivocatingTrustNode implements Adversary {
  readonly name = 'equivocating-trust-node';
  readonly held: Held;
  readonly #world: World;
  readonly #node: number;
  readonly #fromMs: number;
  #done = false;

  constructor(world: World, node: number, fromMs: number) {
    this.held = holding({ trustNodes: [node] });
    this.#world = world;
    this.#node = node;
    this.#fromMs = fromMs;
  }

  sends(_from: PeerId, _to: PeerId, message: PeerMessage): PeerMessage {
    if (message.kind === 'propose' && !this.#done && this.#world.nowMs >= this.#fromMs) {
      this.#done = true;
      this.#world.coverage.add(`attack ${this.name}`);
      this.#secondHeader(message.block);
    }
    return message;
  }

  /** To everybody, a little later: by then some have voted for the first. */
  #secondHeader(first: ProposedBlock): void {
    const { id, keys, genesis, network, events } = this.#world;
    const header = { ...first.header, timeMs: first.header.timeMs + 1 };
    const hash = blockHash(id, header);
    const signature = sign(hash, keys.trust[this.#node]!.keys.secretKey);
    const message = encodeMessage({ kind: 'propose', block: { ...first, header, hash, signature } });
    events.after(30, () => {
      for (let t = 0; t < genesis.trustNodes.length; t++)
        if (t !== this.#node) network.send(trustPeer(this.#node), trustPeer(t), 'second header', message);
    });
  }
}
