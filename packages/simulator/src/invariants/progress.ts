import { type Invariant, Violation } from './invariant.js';

/** Where a run stands, as far as progress goes. */
export interface Standing {
  readonly epoch: number;
  /** Height of each lane on the ledger; undefined: suspended for good. */
  readonly lanes: readonly (number | undefined)[];
  /** Transactions of clients that could still become final. */
  readonly open: number;
}

/** After everything is healed, every lane commits new blocks. */
export class LanesProgress implements Invariant {
  readonly name = 'lanes-progress';

  met(healed: Standing, now: Standing): boolean {
    return now.lanes.every((height, lane) => height === undefined || height > (healed.lanes[lane] ?? 0) + 1);
  }
}

/** After everything is healed, epochs go on. */
export class EpochsProgress implements Invariant {
  readonly name = 'epochs-progress';
  readonly #least: number;

  /** `least`: epochs that the whole run must have. */
  constructor(least: number) {
    this.#least = least;
  }

  met(healed: Standing, now: Standing): boolean {
    return now.epoch >= Math.max(this.#least, healed.epoch + 2);
  }
}

/** After everything is healed, every transaction that is still valid becomes final. */
export class TransactionsSettle implements Invariant {
  readonly name = 'transactions-settle';

  met(_healed: Standing, now: Standing): boolean {
    return now.open === 0;
  }
}

/** Gives the rule that is not met yet, or undefined where all are. */
export function unmet(leastEpochs: number, healed: Standing, now: Standing): string | undefined {
  const rules = [new EpochsProgress(leastEpochs), new LanesProgress(), new TransactionsSettle()];
  return rules.find((rule) => !rule.met(healed, now))?.name;
}

export function stuck(rule: string, healed: Standing, now: Standing, afterMs: number): Violation {
  return new Violation(
    rule,
    `not met ${afterMs} ms after everything was healed: ${JSON.stringify(healed)} then, ${JSON.stringify(now)} now`,
  );
}
