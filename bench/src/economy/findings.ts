import type { Month } from './model.js';

/** What the months of a scenario come to. Months count from 1; undefined: never within the run. */
export interface Findings {
  /** First month in which the decay set the issuance of some epoch. */
  readonly firstBound: number | undefined;
  /** Months in which it did so in more than half of the epochs. */
  readonly monthsBound: number;
  /** First month from which fees covered what was paid in every month to the end. */
  readonly coveredFrom: number | undefined;
  /** Fees over payments in the last year, percent. */
  readonly coverage: number;
  /** Pool at the end over the pool at the genesis, percent. */
  readonly poolLeft: number;
  /** Base units that a present device was issued in the first and in the last year. */
  readonly perDeviceFirst: number;
  readonly perDeviceLast: number;
}

export function findingsOf(months: readonly Month[], rewardPool: number): Findings {
  const bound = months.filter(({ boundEpochs, epochs }) => 2 * boundEpochs > epochs);
  const lastUncovered = months.findLastIndex(({ fees, paid }) => fees < paid);
  const year = months.slice(-12);
  const sum = (list: readonly Month[], of: (month: Month) => number) =>
    list.reduce((total, month) => total + of(month), 0);
  const paid = sum(year, (m) => m.paid);
  const perDevice = (list: readonly Month[]) => sum(list, (m) => m.perDevice);
  return {
    firstBound: months.find(({ boundEpochs }) => boundEpochs > 0)?.month,
    monthsBound: bound.length,
    coveredFrom: lastUncovered === months.length - 1 ? undefined : months[lastUncovered + 1]!.month,
    coverage: paid === 0 ? 0 : (100 * sum(year, (m) => m.fees)) / paid,
    poolLeft: (100 * months.at(-1)!.pool) / rewardPool,
    perDeviceFirst: perDevice(months.slice(0, 12)),
    perDeviceLast: perDevice(year),
  };
}
