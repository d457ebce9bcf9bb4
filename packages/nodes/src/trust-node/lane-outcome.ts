import { LOCAL_CODES } from '../intake/local-codes.js';
import { decide, type Submission } from '../intake/submission.js';
import type { TrustNodeEffect } from './context.js';
import type { InFlight } from './in-flight.js';
import type { LaneQueue } from './lane-queue.js';

/** What becomes of the transactions of blocks that leave the lane. */

/** The block is on the ledger: `codes` are the results of its transactions, one each, or one for all of them. */
export function decideAll(
  { submissions, indices }: Pick<InFlight, 'submissions' | 'indices'>,
  codes: Uint16Array | number,
  effects: TrustNodeEffect[],
): void {
  for (let i = 0; i < submissions.length; i++) {
    const submission = submissions[i]!;
    const code = typeof codes === 'number' ? codes : codes[i]!;
    if (decide(submission, indices[i]!, code)) effects.push({ kind: 'decided', submission });
  }
}

/** The blocks are void: their transactions go before those that wait; what finds no room is told so. */
export function queueAgain(
  queue: LaneQueue,
  voided: readonly Pick<InFlight, 'submissions' | 'indices'>[],
  effects: TrustNodeEffect[],
): void {
  const again: { readonly submission: Submission; readonly index: number }[] = [];
  for (const { submissions, indices } of voided)
    for (let i = 0; i < submissions.length; i++)
      again.push({ submission: submissions[i]!, index: indices[i]! });
  while (queue.pending > 0) again.push({ index: queue.headIndex(), submission: queue.take() });
  for (const { submission, index } of again) {
    if (queue.offer(submission, index)) continue;
    if (decide(submission, index, LOCAL_CODES['intake-full'])) effects.push({ kind: 'decided', submission });
  }
}
