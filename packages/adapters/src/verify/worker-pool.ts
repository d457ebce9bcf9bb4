import { Worker } from 'node:worker_threads';
import { assert } from '@iotw/kernel/assert';
import {
  type TransactionVerifier,
  type VerifiedRun,
  type VerifierFault,
  VerifierFaultError,
  type VerifyRun,
} from '@iotw/kernel/ports/verifier';
import { BufferPool } from '../buffers/buffer-pool.js';
import { assertRun, ID_BYTES } from './envelope-verifier.js';
import { answerOf, packedBytes, packRun } from './run-codec.js';

export interface WorkerPoolOptions {
  /** The 32-byte network id. */
  readonly network: Uint8Array;
  /** Threads; default 2. More than the machine's cores gain nothing. */
  readonly workers?: number;
  /** Envelopes given and not yet answered; beyond it `verifier-busy`. Default 16,384, about a second of work. */
  readonly maxPending?: number;
  /** The same in bytes of envelopes; default 64 MiB. */
  readonly maxPendingBytes?: number;
  /** The worker's program; default: the built verify-worker.js. */
  readonly program?: URL;
}

const DEFAULT_WORKERS = 2;
const DEFAULT_MAX_PENDING = 16_384;
const DEFAULT_MAX_PENDING_BYTES = 64 * 1024 ** 2;
/** A run is split where every share keeps at least this many: below, a hand-over costs more than it saves. */
const SHARE_MIN = 64;
/** Resolves to the built file from src/verify and from dist/verify alike: workers run plain Node. */
const PROGRAM = new URL('../../dist/verify/verify-worker.js', import.meta.url);

interface PendingRun {
  readonly run: VerifyRun;
  readonly verified: VerifiedRun;
  shares: number;
  readonly resolve: (verified: VerifiedRun) => void;
  readonly reject: (error: VerifierFaultError) => void;
}

interface Share {
  readonly pending: PendingRun;
  readonly from: number;
  readonly to: number;
  deaths: number;
}

interface Slot {
  /** `undefined` before the first share and after a death: the next share starts one. */
  worker: Worker | undefined;
  /** Envelopes handed over and not answered. */
  load: number;
  /** In the order given, which is the order the worker takes them in. */
  readonly shares: Map<number, Share>;
}

/** Starts a verifier on worker threads. `close` it, or its threads keep the process alive. */
export function startWorkerPool(options: WorkerPoolOptions): TransactionVerifier {
  return new WorkerPool(options);
}

class WorkerPool implements TransactionVerifier {
  readonly #slots: readonly Slot[];
  readonly #maxPending: number;
  readonly #maxPendingBytes: number;
  /** Each is with a worker or here: fresh buffers would cost both threads page faults, and the collector their release. */
  readonly #buffers = new BufferPool();
  #pending = 0;
  #pendingBytes = 0;
  #nextJob = 0;
  #closed = false;

  constructor(private readonly options: WorkerPoolOptions) {
    const workers = options.workers ?? DEFAULT_WORKERS;
    assert(Number.isInteger(workers) && workers >= 1 && workers <= 64, 'a pool has 1 to 64 workers');
    assert(options.network.length === 32, 'a network id has 32 bytes');
    this.#maxPending = options.maxPending ?? DEFAULT_MAX_PENDING;
    this.#maxPendingBytes = options.maxPendingBytes ?? DEFAULT_MAX_PENDING_BYTES;
    this.#slots = Array.from({ length: workers }, () => ({ worker: undefined, load: 0, shares: new Map() }));
    for (const slot of this.#slots) this.#start(slot);
  }

  verify(run: VerifyRun): Promise<VerifiedRun> {
    const count = assertRun(run);
    if (this.#closed) return Promise.reject(closedError());
    const bytes = runBytes(run);
    if (this.#pending + count > this.#maxPending || this.#pendingBytes + bytes > this.#maxPendingBytes) {
      const text = `${this.#pending} envelopes wait for verification: give this run again later`;
      return Promise.reject(new VerifierFaultError('verifier-busy', text));
    }
    const verified = { ids: new Uint8Array(count * ID_BYTES), valid: new Uint8Array(count) };
    if (count === 0) return Promise.resolve(verified);
    this.#pending += count;
    this.#pendingBytes += bytes;
    return new Promise((resolve, reject) => {
      const shares = Math.max(1, Math.min(this.#slots.length, Math.floor(count / SHARE_MIN)));
      const pending = { run, verified, shares, resolve, reject };
      for (let i = 0; i < shares; i++) {
        const [from, to] = [Math.floor((count * i) / shares), Math.floor((count * (i + 1)) / shares)];
        this.#hand({ pending, from, to, deaths: 0 });
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const slot of this.#slots) {
      for (const share of slot.shares.values()) this.#fail(share, closedError());
      slot.shares.clear();
    }
    await Promise.all(this.#slots.map((slot) => slot.worker?.terminate()));
  }

  /** Gives a share to the worker with the least to do. */
  #hand(share: Share): void {
    let slot = this.#slots[0]!;
    for (const other of this.#slots) if (other.load < slot.load) slot = other;
    const worker = slot.worker ?? this.#start(slot);
    const job = this.#nextJob++;
    slot.shares.set(job, share);
    slot.load += share.to - share.from;
    const { run } = share.pending;
    const buffer = this.#buffers.take(packedBytes(run, share.from, share.to));
    packRun(run, share.from, share.to, buffer);
    worker.postMessage({ job, buffer }, [buffer]);
  }

  #start(slot: Slot): Worker {
    const worker = new Worker(this.options.program ?? PROGRAM, {
      workerData: { network: Uint8Array.from(this.options.network) },
      execArgv: [],
    });
    let reason = 'it exited';
    worker.on('message', ({ job, buffer }: { job: number; buffer: ArrayBuffer }) => {
      const share = slot.shares.get(job);
      if (share === undefined) return;
      slot.shares.delete(job);
      slot.load -= share.to - share.from;
      this.#answer(share, buffer);
    });
    worker.on('error', (error) => {
      reason = error.message;
    });
    worker.on('exit', () => this.#died(slot, reason));
    slot.worker = worker;
    return worker;
  }

  #answer(share: Share, buffer: ArrayBuffer): void {
    const { pending, from } = share;
    const { ids, valid } = answerOf(buffer);
    pending.verified.ids.set(ids, from * ID_BYTES);
    pending.verified.valid.set(valid, from);
    this.#buffers.give(buffer);
    pending.shares--;
    if (pending.shares > 0) return;
    this.#release(pending);
    pending.resolve(pending.verified);
  }

  /** The first share without an answer is the one the worker died on; those behind it had no part in it. */
  #died(slot: Slot, reason: string): void {
    slot.worker = undefined;
    if (this.#closed) return;
    const shares = [...slot.shares.values()];
    slot.shares.clear();
    slot.load = 0;
    for (const [i, share] of shares.entries()) {
      if (share.pending.shares <= 0) continue; // its run failed already
      if (i === 0) share.deaths++;
      if (share.deaths > 1) {
        this.#fail(share, new VerifierFaultError('verifier-broken', `a run ended two workers: ${reason}`));
      } else {
        this.#hand(share);
      }
    }
  }

  #fail(share: Share, error: VerifierFaultError): void {
    const { pending } = share;
    if (pending.shares <= 0) return;
    pending.shares = 0;
    this.#release(pending);
    pending.reject(error);
  }

  #release(pending: PendingRun): void {
    this.#pending -= pending.verified.valid.length;
    this.#pendingBytes -= runBytes(pending.run);
  }
}

function runBytes(run: VerifyRun): number {
  return run.offsets.at(-1)! - run.offsets[0]!;
}

function closedError(): VerifierFaultError {
  return new VerifierFaultError('verifier-closed' satisfies VerifierFault, 'the verifier is closed');
}
