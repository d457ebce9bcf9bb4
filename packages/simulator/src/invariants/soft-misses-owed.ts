import type { ReferenceRound } from '../reference/reference-round.js';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** One block of a lane, as one host sees it. */
interface Stretch {
  softly: number;
  paid: number;
}

/**
 * Clause 8.15 as it is meant, not as it is kept: over every stretch of a lane's blocks, a host's soft misses stay within the
 * burst and the share of its paid answers before each of them. Held for the last blocks of each lane, by looking at all stretches.
 */
export class SoftMissesOwed implements Invariant {
  readonly name = 'soft-misses-owed';
  /** By lane and host. */
  readonly #history = new Map<string, Stretch[]>();

  applied(round: AppliedRound, reference: ReferenceRound | undefined): void {
    if (!round.first) return;
    const { ledger, outcome } = round;
    for (const [i, { block }] of outcome.applied.entries()) {
      const committee = reference!.committees[i]!;
      const snapshot = ledger.snapshotOf(block.header.epoch);
      if (typeof committee === 'string' || snapshot === undefined) continue;
      const { lane, height } = block.header;
      for (const host of new Set([...committee.softHosts, ...committee.paidHosts])) {
        const count = (hosts: readonly number[]) => hosts.filter((other) => other === host).length;
        const key = `${lane}/${host}`;
        const history = this.#history.get(key) ?? [];
        this.#history.set(key, history);
        history.push({ softly: count(committee.softHosts), paid: count(committee.paidHosts) });
        if (history.length > 64) history.shift();
        if (count(committee.softHosts) > 0 && !within(history, snapshot.parameters))
          throw new Violation(this.name, `block ${height} of lane ${lane}: host ${host} owes too much`);
      }
    }
  }
}

function within(
  history: readonly Stretch[],
  { softMissBps, softMissBurst }: { readonly softMissBps: number; readonly softMissBurst: number },
): boolean {
  let softly = 0;
  let paidSince = 0;
  for (const [i, { softly: here, paid }] of [...history].reverse().entries()) {
    softly += here;
    // What the last block itself pays comes after its soft misses.
    if (i > 0) paidSince += paid;
    if (softly * 10_000 > softMissBurst * 10_000 + paidSince * softMissBps) return false;
  }
  return true;
}
