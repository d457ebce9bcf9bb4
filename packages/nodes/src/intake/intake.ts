import { BoundedQueue } from '@iotw/kernel/bounded-queue';
import type { VerifiedRun, VerifyRun } from '@iotw/kernel/ports/verifier';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { checkEnvelopeFrame, ENVELOPE } from '@iotw/protocol/transaction';
import type { NodeEffect } from '../effects.js';
import { LOCAL_CODES } from './local-codes.js';
import type { RecentSignatures } from './recent-signatures.js';
import type { Screen } from './screen.js';
import { decide, newSubmission, type Submission } from './submission.js';

/** Where verified transactions go: the lane's queue, see trust-node/lane-queue. */
export interface VerifiedSink {
  /** Transactions waiting for a block. */
  readonly pending: number;
  /** Its lane takes no blocks: nothing is routed to it. */
  readonly closed?: boolean;
  /** false where the queue is full; the transaction is then refused with `intake-full`. */
  offer(submission: Submission, index: number): boolean;
}

export interface IntakeLimits {
  /** Transactions being verified or waiting for it; more are refused with `intake-full`. */
  readonly maxVerifying: number;
  /** Runs smaller than this are gathered while the workers are busy. */
  readonly runTarget: number;
  /** Runs that may be with the workers at once. */
  readonly runsInFlight: number;
  /** A lane takes transactions until it holds this many, one block of them, then the next lane's turn comes. */
  readonly laneTarget: number;
}

export const DEFAULT_INTAKE_LIMITS: IntakeLimits = {
  maxVerifying: 65_536,
  runTarget: 256,
  runsInFlight: 4,
  laneTarget: 1_024,
};

interface Gathered {
  readonly submission: Submission;
  /** Indices into the submission that go to verification. */
  readonly indices: Uint16Array | undefined;
}

/**
 * The process-wide entrance: every transaction is framed, deduplicated and verified once, then routed to a
 * lane. Work is handed to the verifier in whole runs; the runs shrink to one transaction under light load.
 */
export class Intake {
  readonly #limits: IntakeLimits;
  readonly #sinks: readonly VerifiedSink[];
  readonly #recent: RecentSignatures;
  readonly #screen: Screen | undefined;
  readonly #waiting: BoundedQueue<Gathered>;
  readonly #inFlight = new Map<number, Gathered[]>();
  #nextToken = 1;
  #verifying = 0;
  #waitingCount = 0;
  #turn = 0;

  /** `screen`: where the ledger is at hand, what a lane would have to pay for is not taken in. */
  constructor(
    sinks: readonly VerifiedSink[],
    recent: RecentSignatures,
    limits: IntakeLimits = DEFAULT_INTAKE_LIMITS,
    screen: Screen | undefined = undefined,
  ) {
    this.#sinks = sinks;
    this.#screen = screen;
    this.#limits = limits;
    this.#recent = recent;
    this.#waiting = new BoundedQueue(limits.maxVerifying);
  }

  /** Transactions that are being verified or wait for it. */
  get verifying(): number {
    return this.#verifying;
  }

  /**
   * Takes a run in. Transactions that can't be read, were seen lately or don't pass the screen are decided at
   * once in the submission's codes. Errors: `intake-full` (nothing was taken; try again later).
   */
  submit(run: VerifyRun, tag: unknown, effects: NodeEffect[]): Result<Submission> {
    const count = run.offsets.length - 1;
    if (this.#verifying + count > this.#limits.maxVerifying) {
      return fail(
        'intake-full',
        'The node has as many transactions waiting as it may hold: try again in a moment.',
      );
    }
    const submission = newSubmission(run, tag);
    const keep = new Uint16Array(count);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const from = run.offsets[i]!;
      const to = run.offsets[i + 1]!;
      // The screen reads the whole envelope; without one at least its frame must be right.
      const readable =
        this.#screen !== undefined
          ? to - from >= ENVELOPE.operations
          : checkEnvelopeFrame(run.bytes.subarray(from, to)).ok;
      if (!readable) decide(submission, i, LOCAL_CODES['transaction-malformed']);
      else if (this.#recent.has(run.bytes, from + ENVELOPE.signature)) {
        decide(submission, i, LOCAL_CODES['transaction-duplicate']);
      } else {
        const code = this.#screen?.check(submission, i) ?? 0;
        if (code === 0) keep[kept++] = i;
        else decide(submission, i, code);
      }
    }
    if (kept > 0) {
      this.#waiting.push({ submission, indices: kept === count ? undefined : keep.subarray(0, kept) });
      this.#waitingCount += kept;
      this.#verifying += kept;
      this.#dispatch(effects);
    }
    return ok(submission);
  }

  /** The verifier's answer; returns the submissions that are verified now, decided or on their way to a lane. */
  verified(token: number, result: VerifiedRun, effects: NodeEffect[]): Submission[] {
    const gathered = this.#inFlight.get(token);
    if (gathered === undefined) return [];
    this.#inFlight.delete(token);
    const done: Submission[] = [];
    let at = 0;
    for (const { submission, indices } of gathered) {
      const count = indices === undefined ? submission.count : indices.length;
      if (submission.ids.length === 0) {
        submission.ids =
          indices !== undefined
            ? new Uint8Array(32 * submission.count)
            : gathered.length === 1
              ? result.ids
              : result.ids.slice(32 * at, 32 * (at + count));
      }
      for (let k = 0; k < count; k++, at++) {
        const index = indices === undefined ? k : indices[k]!;
        if (indices !== undefined) submission.ids.set(result.ids.subarray(32 * at, 32 * at + 32), 32 * index);
        const code = this.#admit(submission, index, result.valid[at] === 1);
        if (code !== undefined) decide(submission, index, code);
      }
      this.#verifying -= count;
      done.push(submission);
    }
    this.#dispatch(effects);
    return done;
  }

  #admit(submission: Submission, index: number, valid: boolean): number | undefined {
    if (!valid) return LOCAL_CODES['signature-invalid'];
    const { bytes, offsets } = submission.run;
    const signatureAt = offsets[index]! + ENVELOPE.signature;
    if (this.#recent.has(bytes, signatureAt)) return LOCAL_CODES['transaction-duplicate'];
    const unpromised = this.#screen?.promise(submission, index) ?? 0;
    if (unpromised !== 0) return unpromised;
    const sink = this.#route();
    if (sink === undefined) return LOCAL_CODES['lane-suspended'];
    if (!sink.offer(submission, index)) return LOCAL_CODES['intake-full'];
    // Remembered only once it is taken: whoever was told that the node is full may send it again.
    this.#recent.put(bytes, signatureAt);
    return undefined;
  }

  /** Fills one lane's block before turning to the next: full blocks under load, all lanes in turn otherwise. */
  #route(): VerifiedSink | undefined {
    const sinks = this.#sinks;
    let full: VerifiedSink | undefined;
    for (let tried = 0; tried < sinks.length; tried++) {
      const sink = sinks[this.#turn % sinks.length]!;
      if (sink.closed !== true) {
        if (sink.pending < this.#limits.laneTarget) return sink;
        full ??= sink;
      }
      this.#turn += 1;
    }
    return full;
  }

  /**
   * A block of this lane has left: if it was the lane's turn, the next one's comes. Otherwise that has begun
   * already with what found no room in the block, and goes on until that block is full, too.
   */
  rotate(left: VerifiedSink): void {
    if (this.#sinks[this.#turn % this.#sinks.length] === left) this.#turn += 1;
  }

  #dispatch(effects: NodeEffect[]): void {
    while (this.#waitingCount > 0 && this.#inFlight.size < this.#limits.runsInFlight) {
      // Keep gathering while a worker has something to do, so that hand-overs are paid per run.
      if (this.#inFlight.size >= 2 && this.#waitingCount < this.#limits.runTarget) return;
      const gathered: Gathered[] = [];
      let count = 0;
      while (count < this.#limits.runTarget) {
        const next = this.#waiting.shift();
        if (next === undefined) break;
        gathered.push(next);
        count += next.indices === undefined ? next.submission.count : next.indices.length;
      }
      this.#waitingCount -= count;
      const token = this.#nextToken++;
      this.#inFlight.set(token, gathered);
      effects.push({ kind: 'verify', token, run: merge(gathered, count) });
    }
  }
}

/** One run out of several; a whole submission alone passes through unchanged. */
function merge(gathered: readonly Gathered[], count: number): VerifyRun {
  const only = gathered[0]!;
  if (gathered.length === 1 && only.indices === undefined) return only.submission.run;
  let length = 0;
  forEach(gathered, (run, i) => {
    length += run.offsets[i + 1]! - run.offsets[i]!;
  });
  const bytes = new Uint8Array(length);
  const offsets = new Uint32Array(count + 1);
  let at = 0;
  let n = 0;
  forEach(gathered, (run, i) => {
    offsets[n++] = at;
    bytes.set(run.bytes.subarray(run.offsets[i]!, run.offsets[i + 1]!), at);
    at += run.offsets[i + 1]! - run.offsets[i]!;
  });
  offsets[count] = at;
  return { bytes, offsets };
}

function forEach(gathered: readonly Gathered[], visit: (run: VerifyRun, index: number) => void): void {
  for (const { submission, indices } of gathered) {
    if (indices === undefined) for (let i = 0; i < submission.count; i++) visit(submission.run, i);
    else for (const i of indices) visit(submission.run, i);
  }
}
