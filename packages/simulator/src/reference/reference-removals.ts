import type { RoundOutcome } from '@iotw/ledger/round-outcome';

/** Left out of draws for refRound in [from, until); 0: no end. */
interface Absence {
  readonly from: number;
  until: number;
}

/** Who was removed in the state of each round (clause 7.6), with every time it came back in between. */
export class ReferenceRemovals {
  readonly #absences = new Map<number, Absence[]>();

  removed(device: number, refRound: number): boolean {
    const absences = this.#absences.get(device) ?? [];
    return absences.some(({ from, until }) => refRound >= from && (until === 0 || refRound < until));
  }

  follow({ header: { number }, changes }: RoundOutcome): void {
    for (const device of changes.removed) {
      const absences = this.#absences.get(device) ?? [];
      if (absences.at(-1)?.until !== 0) absences.push({ from: number, until: 0 });
      this.#absences.set(device, absences);
    }
    for (const device of changes.reinstated) {
      const last = this.#absences.get(device)?.at(-1);
      if (last?.until === 0) last.until = number + 1;
    }
  }
}
