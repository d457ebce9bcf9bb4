import type { VerifyRun } from '@iotw/kernel/ports/verifier';

/** Code of a transaction that is not decided yet; result codes are below. */
export const UNDECIDED = 0xffff;

/** A run of transactions as one client handed it in; decided when `remaining` is 0. */
export interface Submission {
  readonly run: VerifyRun;
  readonly count: number;
  /** Transaction ids, 32 bytes each; known once verified. */
  ids: Uint8Array;
  /** Result code of each, UNDECIDED until then. */
  readonly codes: Uint16Array;
  remaining: number;
  /** Of the transactions of this run, those that a certificate covers. */
  certified: number;
  /** What its transactions may spend, and who keeps the sum; see PromisedSpending. */
  spending: Float64Array | undefined;
  promises: { release(submission: Submission, index: number): void } | undefined;
  /** The submitter's own mark; the machine only carries it. */
  readonly tag: unknown;
}

export function newSubmission(run: VerifyRun, tag: unknown): Submission {
  const count = run.offsets.length - 1;
  return {
    run,
    count,
    ids: new Uint8Array(0),
    codes: new Uint16Array(count).fill(UNDECIDED),
    remaining: count,
    certified: 0,
    spending: undefined,
    promises: undefined,
    tag,
  };
}

/** Marks one transaction decided and frees what it had promised; true where it was the run's last. */
export function decide(submission: Submission, index: number, code: number): boolean {
  if (submission.codes[index] !== UNDECIDED) return false;
  submission.codes[index] = code;
  submission.promises?.release(submission, index);
  submission.remaining -= 1;
  return submission.remaining === 0;
}
