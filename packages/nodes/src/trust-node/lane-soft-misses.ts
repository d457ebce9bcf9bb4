import { softMissesLeft } from '@iotw/assignment/soft-misses';
import { MISS_KIND } from '@iotw/protocol/certificate';
import type { Attempt } from './attempt.js';
import type { TrustNodeContext } from './context.js';
import type { InFlight } from './in-flight.js';

type Ledger = Pick<TrustNodeContext, 'view' | 'index'>;

/** Where a block's attempt stands, with the soft misses that the ledger will take in its certificate. */
export function stateOf(
  context: Ledger,
  inFlight: ReadonlyMap<number, InFlight>,
  block: InFlight,
): ReturnType<Attempt['state']> {
  return block.attempt.state((host) => softLeft(context, inFlight, block, host));
}

/**
 * How many soft misses of a host a block may be certified with, so that the ledger takes it in any case: those left by
 * the last round seen here, without what the lane's other certified blocks hold. Their paid answers, which pay off, are
 * not counted. A vote may change the rule between the two epochs that blocks above the cursor belong to: the lesser holds.
 */
function softLeft(
  { view, index }: Ledger,
  inFlight: ReadonlyMap<number, InFlight>,
  block: InFlight,
  host: number,
): number {
  const snapshot = view.snapshot(block.block.header.epoch);
  if (snapshot === undefined) return 0;
  const debt = view.lane(index).softDebts[host] ?? 0;
  let left = Math.min(softMissesLeft(snapshot.parameters, debt), softMissesLeft(view.parameters, debt));
  for (const other of inFlight.values()) {
    if (other === block) continue;
    for (const { kind, host: by } of other.certified?.certificate.misses ?? [])
      if (kind === MISS_KIND.soft && by === host) left -= 1;
  }
  return left;
}
