import type { SubmitOutcome, WaitFor } from '@iotw/api/backend';
import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import type { Result } from '@iotw/kernel/result';

/** Where transactions come into a process. */
export interface Entrance {
  /** Errors: `intake-full`. */
  submit(run: VerifyRun, waitFor: WaitFor): Promise<Result<SubmitOutcome>>;
  /** Transactions being verified or waiting for it. */
  readonly verifying: number;
  /** Something was taken in that has not left yet. */
  readonly busy: boolean;
}
