import { sign } from '@iotw/kernel/ed25519';
import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import { trustPeer } from '@iotw/nodes/messages';
import { MISS_KIND, missDigest } from '@iotw/protocol/certificate';
import type { World } from '../world/world.js';
import { type Adversary, type Held, holding } from './adversary.js';

/**
 * A host that says of all its devices that they have not answered yet, whatever they answered: soft misses without end, to
 * pass over devices it does not like at no cost of theirs.
 */
export class HastyHost implements Adversary {
  readonly name = 'hasty-host';
  readonly held: Held;
  readonly #world: World;
  readonly #node: number;

  constructor(world: World, node: number) {
    this.held = holding({ trustNodes: [node] });
    this.#world = world;
    this.#node = node;
  }

  sends(_from: PeerId, to: PeerId, message: PeerMessage): PeerMessage {
    if (message.kind !== 'answer' || to !== trustPeer(message.attestation.lane)) return message;
    this.#world.coverage.add(`attack ${this.name}`);
    const { lane, incarnation, height, attempt, rank, device } = message.attestation;
    const content = {
      lane,
      incarnation,
      height,
      attempt,
      rank,
      device,
      host: this.#node,
      kind: MISS_KIND.soft,
    };
    const { secretKey } = this.#world.keys.trust[this.#node]!.keys;
    const signature = sign(missDigest(this.#world.id, content), secretKey);
    return { kind: 'miss', miss: { ...content, signature } };
  }
}
