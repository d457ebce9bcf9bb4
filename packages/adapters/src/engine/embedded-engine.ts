import type { AppliedRound, Engine, EngineClient } from '@iotw/nodes/engine/engine';
import type { Failpoints } from '../failpoints/failpoints.js';

/**
 * Ordering for one ledger server: what it proposes is decided. One round at a time; blocks gather behind it,
 * so rounds grow under load and one block makes a round when there is little to do.
 */
export class EmbeddedEngine implements Engine {
  readonly #client: EngineClient;
  readonly #failpoints: Failpoints | undefined;
  #inFlight = false;
  #stopped = false;

  constructor(client: EngineClient, failpoints?: Failpoints) {
    this.#client = client;
    this.#failpoints = failpoints;
  }

  poke(): void {
    if (this.#inFlight || this.#stopped) return;
    const input = this.#client.propose();
    if (input === undefined) return;
    this.#inFlight = true;
    this.#failpoints?.hit('engine-decide');
    this.#client.decide(input);
    this.#failpoints?.hit('engine-decided');
  }

  applied(round: AppliedRound): void {
    round.persist([]);
  }

  persisted(): void {
    this.#failpoints?.hit('engine-applied');
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
