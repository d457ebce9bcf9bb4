import type { ReferenceRound } from '../reference/reference-round.js';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/**
 * An epoch issues what its present devices allow and not more, and pays it to the lowest ranks that answered
 * and to the trust nodes that voted: nothing twice, nothing to others, nothing owed left out.
 */
export class FairPay implements Invariant {
  readonly name = 'fair-pay';

  applied({ outcome, first }: AppliedRound, reference: ReferenceRound | undefined): void {
    const owed = reference?.settlement;
    if (!first || owed === undefined) return;
    const { settlement } = outcome.edge!;
    const epoch = `epoch ${settlement.epoch}`;
    if (settlement.present > owed.present)
      throw new Violation(this.name, `${epoch} counts ${settlement.present} present, ${owed.present} were`);
    if (settlement.issued !== owed.issued)
      throw new Violation(this.name, `${epoch} issues ${settlement.issued}, the rule says ${owed.issued}`);
    this.#compare(
      `${epoch} to device`,
      new Map(settlement.devices.map((p) => [p.device, p.minerAmount + p.witnessAmount])),
      owed.devices,
    );
    this.#compare(
      `${epoch} to trust node`,
      new Map(settlement.trustNodes.map((p) => [p.trustNode, p.amount])),
      owed.trustNodes,
    );
  }

  #compare(what: string, paid: ReadonlyMap<number, number>, owed: ReadonlyMap<number, number>): void {
    for (const number of new Set([...paid.keys(), ...owed.keys()])) {
      const [is, should] = [paid.get(number) ?? 0, owed.get(number) ?? 0];
      if (is !== should) throw new Violation(this.name, `${what} ${number}: paid ${is}, owed ${should}`);
    }
  }
}
