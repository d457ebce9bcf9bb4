import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import type { Failure } from '@iotw/kernel/result';
import type { CommitQueue } from './commit-queue.js';
import type { MessageRouter } from './message-router.js';
import type { VerifyQueue } from './verify-queue.js';

/** What the roles of one process share. */
export interface Shell {
  readonly network: Uint8Array;
  readonly router: MessageRouter;
  readonly commits: CommitQueue;
  readonly verifier: VerifyQueue;
  readonly failpoints: Failpoints | undefined;
  /** The process is asked to end: faults of what it closes are none. */
  readonly stopping: boolean;
  /** Nothing is done any more. */
  readonly halted: boolean;
  nowMs(): number;
  /** After a machine was stepped from outside: delivers what it said, decides, commits, sets the next tick. */
  settle(): void;
  /** A line for whoever runs the process. */
  log(line: string, data: Readonly<Record<string, unknown>>): void;
  /** The process can't go on. */
  halt(fault: Failure): void;
}
