import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** No batch has more devices than its quota, and each device was vouched for by a batch that there is. */
export class BatchQuotas implements Invariant {
  readonly name = 'batch-quotas';

  applied({ ledger, outcome, first }: AppliedRound): void {
    if (!first || outcome.edge === undefined) return;
    const { batches } = ledger.makers;
    const used = new Map<number, number>();
    for (let device = 0; device < ledger.devices.rows; device++) {
      const row = ledger.devices.col.batchRow[device]!;
      used.set(row, (used.get(row) ?? 0) + 1);
    }
    for (const [row, count] of used) {
      const quota = batches.col.quota[row];
      if (quota === undefined || count > quota)
        throw new Violation(this.name, `batch row ${row} has ${count} devices, its quota is ${quota}`);
    }
  }
}
