import type { Backend, CommitSource, NodeStatus, SubmitOutcome, WaitFor } from '@iotw/api/backend';
import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import { type Failure, fail, type Result } from '@iotw/kernel/result';
import type { Ledger } from '@iotw/ledger/ledger';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import type { StoredHistory } from '@iotw/nodes/ledger-server/stored-history';
import type { Genesis } from '@iotw/protocol/genesis';

/** Time for answers to go out before the process ends, ms. */
const ANSWER_MS = 100;

/** Ends a node once, by the first fault, after those who wait for it were told. */
export class Halt {
  readonly #end: (fault: Failure) => void;
  #backend: HaltingBackend | undefined;
  #fault: Failure | undefined;
  #begun = false;

  /** `end`: ends the process. */
  constructor(end: (fault: Failure) => void) {
    this.#end = end;
  }

  /** Whoever submits through `backend` is told of the fault. */
  tell(backend: HaltingBackend): void {
    this.#backend = backend;
    if (this.#fault !== undefined) backend.halt(this.#fault);
  }

  /** The node runs; until then its start answers for every fault. */
  begin(): void {
    this.#begun = true;
    if (this.#fault !== undefined) this.#finish(this.#fault);
  }

  /** The node can't go on. */
  now(fault: Failure): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    this.#backend?.halt(fault);
    if (this.#begun) this.#finish(fault);
  }

  #finish(fault: Failure): void {
    // After a write that failed in LMDB itself the heap is in doubt (adapters/store): end at once.
    if (fault.code === 'store-io') this.#end(fault);
    else setTimeout(() => this.#end(fault), ANSWER_MS);
  }
}

/**
 * The node as the API sees it, able to say why it can't go on: once halted, what waits and what comes is answered
 * by the fault's code instead of a connection that breaks.
 */
export class HaltingBackend implements Backend {
  readonly network: Uint8Array;
  readonly genesis: Genesis;
  readonly #node: Backend;
  readonly #waiting = new Set<(refusal: Result<never>) => void>();
  #refusal: Result<never> | undefined;

  constructor(node: Backend) {
    this.#node = node;
    this.network = node.network;
    this.genesis = node.genesis;
  }

  /** From now on every submission is answered by this fault. The first fault counts. */
  halt(fault: Failure): void {
    if (this.#refusal !== undefined) return;
    const refusal = fail(
      fault.code,
      `The node stops: ${fault.message} What it was given and did not decide is open: send the same bytes again when it is back.`,
    );
    this.#refusal = refusal;
    for (const answer of this.#waiting) answer(refusal);
    this.#waiting.clear();
  }

  /** Errors: those of the node; the fault's code once halted. */
  submit(run: VerifyRun, waitFor: WaitFor): Promise<Result<SubmitOutcome>> {
    if (this.#refusal !== undefined) return Promise.resolve(this.#refusal);
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve);
      const answer = (outcome: Result<SubmitOutcome>) => {
        this.#waiting.delete(resolve);
        resolve(outcome);
      };
      this.#node.submit(run, waitFor).then(answer, reject);
    });
  }

  get ledger(): Ledger {
    return this.#node.ledger;
  }

  get kept(): Backend['kept'] {
    return this.#node.kept;
  }

  get history(): StoredHistory {
    return this.#node.history;
  }

  get engineCommits(): CommitSource | undefined {
    return this.#node.engineCommits;
  }

  onRound(listener: (record: RoundRecord) => void): () => void {
    return this.#node.onRound(listener);
  }

  status(): NodeStatus {
    const status = this.#node.status();
    return this.#refusal === undefined ? status : { ...status, ready: false };
  }
}
