import type { ReferenceRound } from '../reference/reference-round.js';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** Votes, owners, tickets, seeds, weights and answers left out: what the ledger did is what the reference says. */
export class ReferenceAgrees implements Invariant {
  readonly name = 'reference-agrees';

  applied({ outcome, first }: AppliedRound, reference: ReferenceRound | undefined): void {
    const [mistake] = reference?.mistakes ?? [];
    if (first && mistake !== undefined)
      throw new Violation(mistake.rule, `${mistake.what} (round ${outcome.header.number})`);
  }
}
