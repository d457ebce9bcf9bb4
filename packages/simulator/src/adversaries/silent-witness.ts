import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import type { World } from '../world/world.js';
import { type Adversary, type Held, holding } from './adversary.js';

/** Trust nodes that never vote for a block of another lane. */
export class SilentWitness implements Adversary {
  readonly name = 'silent-witness';
  readonly held: Held;
  readonly #world: World;
  readonly #tireless: boolean;
  #healed = false;

  /** `tireless`: goes on when the faults are over. */
  constructor(world: World, nodes: Iterable<number>, tireless = false) {
    this.held = holding({ trustNodes: nodes });
    this.#world = world;
    this.#tireless = tireless;
  }

  sends(_from: PeerId, _to: PeerId, message: PeerMessage): PeerMessage | undefined {
    if (message.kind !== 'vote' || this.#healed) return message;
    this.#world.coverage.add(`attack ${this.name}`);
    return undefined;
  }

  healed(): void {
    this.#healed = !this.#tireless;
  }
}
