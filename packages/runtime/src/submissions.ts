import type { SubmitOutcome, WaitFor } from '@iotw/api/backend';
import { ok, type Result } from '@iotw/kernel/result';
import type { Submission } from '@iotw/nodes/intake/submission';

/** What the process notes on a submission: who waits for it and how far. */
export interface Waiter {
  readonly waitFor: WaitFor;
  resolve: ((outcome: Result<SubmitOutcome>) => void) | undefined;
}

export function newWaiter(waitFor: WaitFor, resolve: (outcome: Result<SubmitOutcome>) => void): Waiter {
  return { waitFor, resolve };
}

/** Answers the submitter if it has waited for no more than `reached`. */
export function tell(submission: Submission, reached: WaitFor): void {
  const waiter = submission.tag;
  if (!isWaiter(waiter) || waiter.resolve === undefined) return;
  const decided = submission.remaining === 0;
  if (!decided && ORDER[waiter.waitFor] > ORDER[reached]) return;
  waiter.resolve(ok({ count: submission.count, ids: submission.ids, codes: submission.codes.slice() }));
  waiter.resolve = undefined;
}

const ORDER: Readonly<Record<WaitFor, number>> = { accepted: 0, certified: 1, final: 2 };

function isWaiter(tag: unknown): tag is Waiter {
  return typeof tag === 'object' && tag !== null && 'waitFor' in tag;
}
