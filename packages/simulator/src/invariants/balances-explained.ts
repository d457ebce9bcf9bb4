import { toHex } from '@iotw/kernel/bytes';
import type { ReferenceRound } from '../reference/reference-round.js';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** Every balance is what the genesis gave, what transactions moved and cost, and what epochs paid; looked at at each epoch's end. */
export class BalancesExplained implements Invariant {
  readonly name = 'balances-explained';

  applied({ ledger, outcome, first }: AppliedRound, reference: ReferenceRound | undefined): void {
    const { edge } = outcome;
    if (!first || edge === undefined) return;
    for (let account = 0; account < ledger.accounts.rows; account++) {
      const holds = ledger.accounts.balance(account);
      const explained = reference!.balances.of(toHex(ledger.accounts.key(account)));
      if (holds !== explained)
        throw new Violation(
          this.name,
          `account ${account} holds ${holds} after epoch ${edge.ended}, its history says ${explained}`,
        );
    }
  }
}
