import type { Operation } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { type Submission, UNDECIDED } from '../intake/submission.js';

/** Evidence and appeals that wait or are on their way; more are dropped: anyone else may send them. */
const MAX_PROOFS = 64;
/** A node that has not earned its fee yet, or whose lane is full, tries again in the next epochs. */
const MAX_TRIES = 8;

interface Proof {
  readonly operation: Operation;
  readonly tries: number;
  /** Not before this epoch. */
  readonly fromEpoch: number;
}

/** Evidence and appeals of one trust node: each in a transaction of its own, until the ledger has judged it. */
export class ProofQueue {
  #waiting: Proof[] = [];
  readonly #sent = new Map<Submission, Proof>();

  add(operation: Operation): void {
    this.#keep({ operation, tries: 0, fromEpoch: 0 });
  }

  #keep(proof: Proof): void {
    if (this.#waiting.length + this.#sent.size < MAX_PROOFS) this.#waiting.push(proof);
  }

  /** The next one that is due, as `send` makes a transaction of it. */
  next(epoch: number, send: (operation: Operation) => Submission): Submission | undefined {
    const proof = this.#waiting.find(({ fromEpoch }) => fromEpoch <= epoch);
    if (proof === undefined) return undefined;
    this.#waiting = this.#waiting.filter((other) => other !== proof);
    const submission = send(proof.operation);
    this.#sent.set(submission, proof);
    return submission;
  }

  /** One that the ledger did not get to judge (it found no room, or its fee was not there) comes again. */
  decided(submission: Submission, epoch: number): void {
    const proof = this.#sent.get(submission);
    if (proof === undefined) return;
    this.#sent.delete(submission);
    const code = submission.codes[0]!;
    const unjudged = code === UNDECIDED || (code !== RESULT_CODES.ok && code <= RESULT_CODES['fee-unpaid']);
    if (unjudged && proof.tries + 1 < MAX_TRIES)
      this.#keep({ ...proof, tries: proof.tries + 1, fromEpoch: epoch + 1 });
  }
}
