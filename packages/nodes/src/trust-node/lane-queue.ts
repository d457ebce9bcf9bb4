import type { VerifiedSink } from '../intake/intake.js';
import type { Submission } from '../intake/submission.js';

/** Verified transactions that wait for a block: a ring of (submission, index) pairs. */
export class LaneQueue implements VerifiedSink {
  readonly #submissions: (Submission | undefined)[];
  readonly #indices: Uint16Array;
  readonly #mask: number;
  #head = 0;
  #size = 0;
  /** The lane takes no blocks now. */
  closed = false;

  /** `capacity`: a power of two; at the limit `offer` refuses. */
  constructor(capacity: number) {
    this.#submissions = new Array<Submission | undefined>(capacity).fill(undefined);
    this.#indices = new Uint16Array(capacity);
    this.#mask = capacity - 1;
  }

  get pending(): number {
    return this.#size;
  }

  offer(submission: Submission, index: number): boolean {
    if (this.#size > this.#mask) return false;
    const at = (this.#head + this.#size) & this.#mask;
    this.#submissions[at] = submission;
    this.#indices[at] = index;
    this.#size += 1;
    return true;
  }

  /** Size in bytes of the envelope at the head; 0 where the queue is empty. */
  headBytes(): number {
    if (this.#size === 0) return 0;
    const { offsets } = this.#submissions[this.#head]!.run;
    const index = this.#indices[this.#head]!;
    return offsets[index + 1]! - offsets[index]!;
  }

  /** Which transaction of its submission the head is. */
  headIndex(): number {
    return this.#indices[this.#head]!;
  }

  /** Takes the head out; the caller has looked at `pending` and at what the head is. */
  take(): Submission {
    const submission = this.#submissions[this.#head]!;
    this.#submissions[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#size -= 1;
    return submission;
  }
}
