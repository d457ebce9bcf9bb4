import type { RoundInput } from '@iotw/protocol/round';
import type { Failpoints } from '../failpoints/failpoints.js';

/** What an engine orders for: one ledger server. */
export interface EngineClient {
  /** The next round's input, or undefined where there is nothing to decide. */
  propose(): RoundInput | undefined;
  /** The round is decided: apply it and make it durable, then call `EmbeddedEngine.applied`. */
  decide(input: RoundInput): void;
  readonly failpoints?: Failpoints;
}

/**
 * Ordering for one ledger server: what it proposes is decided. One round at a time; blocks gather behind it,
 * so rounds grow under load and one block makes a round when there is little to do.
 */
export class EmbeddedEngine {
  readonly #client: EngineClient;
  #inFlight = false;
  #stopped = false;

  constructor(client: EngineClient) {
    this.#client = client;
  }

  /** Something may be there to decide. */
  poke(): void {
    if (this.#inFlight || this.#stopped) return;
    const input = this.#client.propose();
    if (input === undefined) return;
    this.#inFlight = true;
    this.#client.failpoints?.hit('engine-decide');
    this.#client.decide(input);
    this.#client.failpoints?.hit('engine-decided');
  }

  /** The round in flight is durable. */
  applied(): void {
    this.#client.failpoints?.hit('engine-applied');
    this.#inFlight = false;
    this.poke();
  }

  /** Decides nothing more; the round in flight ends as it would. */
  stop(): void {
    this.#stopped = true;
  }

  get idle(): boolean {
    return !this.#inFlight;
  }
}
