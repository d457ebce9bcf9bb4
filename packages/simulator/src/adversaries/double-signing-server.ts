import type { RoundInput } from '@iotw/protocol/round';
import { MISBEHAVIOUR_KIND } from '@iotw/protocol/round';
import type { World } from '../world/world.js';
import { type Adversary, type Held, holding } from './adversary.js';

/**
 * A ledger server that votes twice now and then, which the engine proves. When it proposes it hides what is proven, or says
 * the same of another server that did nothing.
 */
export class DoubleSigningServer implements Adversary {
  readonly name = 'double-signing-server';
  readonly held: Held;
  readonly #world: World;
  readonly #server: number;
  readonly #gapMs: number;
  #healed = false;

  constructor(world: World, server: number, gapMs: number) {
    this.held = holding({ ledgerServers: [server] });
    this.#world = world;
    this.#server = server;
    this.#gapMs = gapMs;
  }

  start(): void {
    this.#later();
  }

  #later(): void {
    this.#world.events.after(this.#gapMs, () => {
      if (this.#healed) return;
      this.#world.coverage.add(`attack ${this.name}`);
      this.#world.proves(this.#server);
      this.#later();
    });
  }

  proposes(server: number, input: RoundInput): RoundInput {
    if (this.#healed) return input;
    const { timeMs, number } = input;
    if (input.misbehaviours.length > 0) return { ...input, misbehaviours: [] };
    if (number % 3 !== 0) return input;
    const other = (server + 1) % this.#world.genesis.ledgerServers.length;
    const framed = { server: other, kind: MISBEHAVIOUR_KIND.doubleVote, height: number, timeMs };
    return { ...input, misbehaviours: [framed] };
  }

  healed(): void {
    this.#healed = true;
  }
}
