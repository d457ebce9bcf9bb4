import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import type { RoundInput } from '@iotw/protocol/round';
import type { World } from '../world/world.js';
import { type Adversary, type Held, holding } from './adversary.js';

/**
 * A ledger server that keeps its seed proof back for a while when its turn has come: it knows the next seed
 * before anybody else and could act on it; the others wait.
 */
export class LastRevealer implements Adversary {
  readonly name = 'last-revealer';
  readonly held: Held;
  readonly #world: World;
  readonly #holdMs: number;
  #sinceMs: number | undefined;
  #healed = false;

  constructor(world: World, server: number, holdMs: number) {
    this.held = holding({ ledgerServers: [server] });
    this.#world = world;
    this.#holdMs = holdMs;
  }

  /** Whether the proof is still kept back. */
  #keeps(): boolean {
    if (this.#healed) return false;
    const now = this.#world.nowMs;
    if (this.#sinceMs === undefined) this.#world.coverage.add(`attack ${this.name}`);
    this.#sinceMs ??= now;
    if (now - this.#sinceMs < this.#holdMs) return true;
    // Shown now; the next one is kept from when it is there.
    if (now - this.#sinceMs > this.#holdMs + 500) this.#sinceMs = undefined;
    return false;
  }

  sends(_from: PeerId, _to: PeerId, message: PeerMessage): PeerMessage | undefined {
    return message.kind === 'seed-proof' && this.#keeps() ? undefined : message;
  }

  proposes(_server: number, input: RoundInput): RoundInput | undefined {
    if (input.seedProof.length === 0 || !this.#keeps()) return input;
    const without = { ...input, seedProof: new Uint8Array(0) };
    const empty = without.blocks.length + without.resets.length + without.epochVotes.length === 0;
    return empty ? undefined : without;
  }

  healed(): void {
    this.#healed = true;
  }
}
