import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** Accounts, reward pool, credits and bonds hold together what the genesis gave out, after every round. */
export class SupplyConserved implements Invariant {
  readonly name = 'supply-conserved';

  applied({ ledger, first, outcome }: AppliedRound): void {
    if (!first) return;
    const counted = ledger.countSupply();
    if (counted !== ledger.chain.supply)
      throw new Violation(
        this.name,
        `${counted} base units after round ${outcome.header.number}, ${ledger.chain.supply} at genesis`,
      );
  }
}
