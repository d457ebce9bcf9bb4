import { sign } from '@iotw/kernel/ed25519';
import type { Prng } from '@iotw/kernel/prng';
import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import { decodeAssignment, encodeAssignment } from '@iotw/protocol/assignment';
import { blockHash } from '@iotw/protocol/header';
import type { World } from '../world/world.js';
import { type Adversary, type Held, holding } from './adversary.js';
import { flipped } from './forgery.js';

/**
 * A lane that shows some devices another header than it shows the witnesses, each signed by its own key, so
 * that honest devices disagree with their committee and look like liars.
 */
export class FramingTrustNode implements Adversary {
  readonly name = 'framing-trust-node';
  readonly held: Held;
  readonly #world: World;
  readonly #node: number;
  readonly #perMille: number;
  readonly #prng: Prng;
  /** Devices that were shown another header, by number on the ledger. */
  readonly framed = new Set<number>();
  #healed = false;

  /** `perMille`: of the blocks, so many in 1000 are shown to their lowest rank under another header. */
  constructor(world: World, node: number, perMille: number) {
    this.held = holding({ trustNodes: [node] });
    this.#world = world;
    this.#node = node;
    this.#perMille = perMille;
    this.#prng = world.prng.fork(`adversary ${this.name}`);
  }

  sends(_from: PeerId, _to: PeerId, message: PeerMessage): PeerMessage {
    if (message.kind !== 'assign' || this.#healed) return message;
    const { slot } = message;
    // By the block, so that a repeated question stays the same question.
    const chance = this.#prng.fork(`${slot.height}/${slot.incarnation}`).chance(this.#perMille, 1000);
    if (!chance || slot.attempt > 0 || slot.rank > 1) return message;
    const assignment = decodeAssignment(message.assignment);
    if (!assignment.ok) return message;
    this.#world.coverage.add(`attack ${this.name}`);
    this.framed.add(slot.device);
    const { header } = assignment.value;
    // Another time, or the right one with a root that its transactions don't have.
    const other =
      slot.height % 2 === 0
        ? { ...header, timeMs: header.timeMs + 1 }
        : { ...header, root: flipped(header.root) };
    const { secretKey } = this.#world.keys.trust[this.#node]!.keys;
    const signature = sign(blockHash(this.#world.id, other), secretKey);
    return {
      ...message,
      assignment: encodeAssignment({ ...assignment.value, header: other, signature }),
    };
  }

  healed(): void {
    this.#healed = true;
  }
}
