import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import type { World } from '../world/world.js';
import { type Adversary, type Held, holding } from './adversary.js';

/** A trust node that never votes for a block of another lane, and never relays: the most a silent one can do. */
export class SilentWitness implements Adversary {
  readonly name = 'silent-witness';
  readonly held: Held;
  readonly #world: World;
  #healed = false;

  constructor(world: World, node: number) {
    this.held = holding({ trustNodes: [node] });
    this.#world = world;
  }

  sends(_from: PeerId, _to: PeerId, message: PeerMessage): PeerMessage | undefined {
    if (message.kind !== 'vote' || this.#healed) return message;
    this.#world.coverage.add(`attack ${this.name}`);
    return undefined;
  }

  healed(): void {
    this.#healed = true;
  }
}
