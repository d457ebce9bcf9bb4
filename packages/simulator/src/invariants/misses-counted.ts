import type { ReferenceRound } from '../reference/reference-round.js';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/**
 * A device answers with its reputation for hard misses of its host and for nothing else (clauses 8.10, 8.15, 10.6): held against
 * the evidence that the ledger keeps, at every epoch's edge, where it stands still.
 */
export class MissesCounted implements Invariant {
  readonly name = 'misses-counted';
  #missed = new Map<number, number>();
  /** Millionths of a miss, by device. */
  readonly #evidence = new Map<number, number>();

  applied({ first, ledger, outcome: { edge } }: AppliedRound, reference: ReferenceRound | undefined): void {
    if (!first) return;
    for (const committee of reference!.committees) {
      if (typeof committee === 'string') continue;
      for (const device of committee.softlyMissed)
        this.#evidence.set(device, this.#evidence.get(device) ?? 0);
      for (const device of committee.missed) this.#missed.set(device, (this.#missed.get(device) ?? 0) + 1);
    }
    if (edge === undefined) return;
    const { reputationDecayPpm } = ledger.snapshotOf(edge.ended)!.parameters;
    for (const device of new Set([...this.#evidence.keys(), ...this.#missed.keys()])) {
      const kept = (BigInt(this.#evidence.get(device) ?? 0) * BigInt(reputationDecayPpm)) / 1_000_000n;
      const expected = Number(kept) + 1_000_000 * (this.#missed.get(device) ?? 0);
      this.#evidence.set(device, expected);
      const counted = ledger.devices.col.missedEvidence[device]!;
      if (counted !== expected)
        throw new Violation(
          this.name,
          `device ${device}: ${expected} of a miss, the ledger keeps ${counted}`,
        );
    }
    this.#missed = new Map();
  }
}
