import { BoundedMap } from '@iotw/kernel/bounded-map';
import type { RoundTransaction } from '@iotw/nodes/ledger-server/round-transactions';
import type { StoredHistory } from '@iotw/nodes/ledger-server/stored-history';
import type { Backend } from './backend.js';
import { KEPT_NEWEST_ROUNDS, KEPT_ROUND_BYTES, KEPT_ROUNDS } from './limits.js';
import { RoundLayout } from './round-layout.js';

/** Rounds by number: those that the index has yet to see and a few more in memory, the others from disk. */
export class RoundArchive {
  readonly #backend: Backend;
  readonly #indexed: () => number;
  readonly #newest = new Map<number, RoundLayout>();
  #newestBytes = 0;
  readonly #read = new BoundedMap<number, RoundLayout>(KEPT_ROUNDS);
  #latest: number;

  /** @param indexed the last round whose transactions the index finds */
  constructor(backend: Backend, indexed: () => number) {
    this.#backend = backend;
    this.#indexed = indexed;
    this.#latest = latestDurable(backend);
  }

  /** Number of the last durable round; the ledger itself may be a round ahead. */
  get latest(): number {
    return this.#latest;
  }

  /** A round is durable and applied. */
  offer(layout: RoundLayout): void {
    const { number } = layout;
    this.#latest = Math.max(this.#latest, number);
    this.#newest.set(number, layout);
    this.#newestBytes += bytesOf(layout);
    const seen = Math.min(this.#indexed(), this.#latest - KEPT_NEWEST_ROUNDS);
    for (const [kept, oldest] of this.#newest) {
      if (this.#newest.size === 1) return;
      const bounded = this.#newest.size <= KEPT_ROUNDS && this.#newestBytes <= KEPT_ROUND_BYTES;
      if (bounded && kept > seen) return;
      this.#newest.delete(kept);
      this.#newestBytes -= bytesOf(oldest);
    }
  }

  /** `undefined` where the round is not applied yet or no longer kept. */
  layout(number: number): RoundLayout | undefined {
    if (!Number.isSafeInteger(number) || number < 1 || number > this.latest) return undefined;
    const known = this.#newest.get(number) ?? this.#read.get(number);
    if (known !== undefined) return known;
    const record = this.#backend.history.round(number);
    if (record === undefined) return undefined;
    const layout = new RoundLayout(record);
    // A large round is read again rather than kept: memory is bounded by bytes, not by rounds.
    if (bytesOf(layout) <= KEPT_ROUND_BYTES / KEPT_ROUNDS) this.#read.set(number, layout);
    return layout;
  }

  /** Transactions of a round one by one; what is not in memory is read without the rest of the round. */
  transactions(number: number): { at(position: number): RoundTransaction | undefined } | undefined {
    if (!Number.isSafeInteger(number) || number < 1 || number > this.latest) return undefined;
    const known = this.#newest.get(number) ?? this.#read.get(number);
    return known ?? this.#backend.history.roundTransactions(number);
  }

  /** Whether every round above `after` is in memory, so that a search there has seen them all. */
  holdsAbove(after: number): boolean {
    return after >= this.#latest || this.#newest.has(after + 1);
  }

  /** Rounds above `after` that are in memory, newest first. */
  *newestAbove(after: number): Generator<RoundLayout> {
    for (let number = this.latest; number > after; number--) {
      const layout = this.#newest.get(number);
      if (layout === undefined) return;
      yield layout;
    }
  }
}

/** Rounds that may be applied and not on disk yet. */
const UNDURABLE_ROUNDS = 64;

/** The newest round that can be read from disk: on a running node the ledger is ahead of it. */
export function latestDurable(source: {
  readonly ledger: { readonly round: number };
  readonly history: Pick<StoredHistory, 'round'>;
}): number {
  const applied = source.ledger.round;
  for (let number = applied; number > Math.max(0, applied - UNDURABLE_ROUNDS); number--) {
    if (source.history.round(number) !== undefined) return number;
  }
  return Math.max(0, applied - UNDURABLE_ROUNDS);
}

function bytesOf({ record }: RoundLayout): number {
  let bytes = 1024 + record.ids.length + record.codes.length + record.fees.length;
  for (const block of record.input.blocks) bytes += block.body.length + 4096;
  return bytes;
}
