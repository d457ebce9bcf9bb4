import { toHex } from '@iotw/kernel/bytes';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** Whoever applies a round comes to the same round hash and the same state hash, also by replay. */
export class EqualState implements Invariant {
  readonly name = 'equal-state';
  readonly #rounds = new Map<number, string>();

  applied({ server, outcome }: AppliedRound): void {
    const { number, stateHash } = outcome.header;
    const state = `${toHex(outcome.hash)} ${toHex(stateHash)}`;
    const known = this.#rounds.get(number);
    if (known === undefined) this.#rounds.set(number, state);
    else if (known !== state)
      throw new Violation(this.name, `ledger server ${server} has another state after round ${number}`);
  }
}
