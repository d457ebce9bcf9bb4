import type { Submission } from '../intake/submission.js';
import type { TrustNodeLimits } from './context.js';
import type { LaneQueue } from './lane-queue.js';

/**
 * When a lane's next block leaves though it is not full. What a client waits for waits `lingerMs` at most;
 * the node's own transactions, which nobody waits for, wait longer for others to share their block: it costs
 * ten signatures however little is in it.
 */
export class Departure {
  readonly #queue: LaneQueue;
  readonly #limits: Pick<TrustNodeLimits, 'lingerMs' | 'ticketLingerMs'>;
  #atMs: number | undefined;
  /** Waiting transactions of the node's own, while nothing but those waits. */
  #own = 0;

  constructor(queue: LaneQueue, limits: Pick<TrustNodeLimits, 'lingerMs' | 'ticketLingerMs'>) {
    this.#queue = queue;
    this.#limits = limits;
  }

  /** undefined: nothing waits. */
  get atMs(): number | undefined {
    return this.#atMs;
  }

  /** Transactions of others were offered to the queue. */
  offered(nowMs: number): void {
    if (this.#queue.pending > this.#own) this.#by(nowMs + this.#limits.lingerMs);
  }

  /** Offers one of the node's own; false where the queue is full. */
  offerOwn(submission: Submission, nowMs: number): boolean {
    if (!this.#queue.offer(submission, 0)) return false;
    this.#own += 1;
    this.#by(nowMs + this.#limits.ticketLingerMs);
    return true;
  }

  /** A block has left; what it left behind waits from now. */
  left(nowMs: number): void {
    this.#atMs = undefined;
    this.#own = 0;
    this.offered(nowMs);
  }

  due(nowMs: number): boolean {
    return this.#atMs !== undefined && nowMs >= this.#atMs;
  }

  #by(atMs: number): void {
    this.#atMs = Math.min(this.#atMs ?? atMs, atMs);
  }
}
