import { BoundedMap } from '@iotw/kernel/bounded-map';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import type { Backend } from './backend.js';
import { KEPT_ROUND_BYTES, KEPT_ROUNDS } from './limits.js';
import { layoutOf, type RoundLayout } from './round-layout.js';

/** Rounds by number: the newest in memory, the others from disk with the lately read ones kept. */
export class RoundArchive {
  readonly #backend: Backend;
  readonly #newest = new Map<number, RoundRecord>();
  #newestBytes = 0;
  readonly #read = new BoundedMap<number, RoundRecord>(KEPT_ROUNDS);
  #latest: number;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#latest = latestDurable(backend);
  }

  /** Number of the last durable round; the ledger itself may be a round ahead. */
  get latest(): number {
    return this.#latest;
  }

  /** A round is durable and applied. */
  offer(record: RoundRecord): void {
    this.#latest = Math.max(this.#latest, record.header.number);
    this.#newest.set(record.header.number, record);
    this.#newestBytes += bytesOf(record);
    for (const [number, oldest] of this.#newest) {
      if (this.#newest.size === 1) return;
      if (this.#newest.size <= KEPT_ROUNDS && this.#newestBytes <= KEPT_ROUND_BYTES) return;
      this.#newest.delete(number);
      this.#newestBytes -= bytesOf(oldest);
    }
  }

  /** `undefined` where the round is not applied yet or no longer kept. */
  layout(number: number): RoundLayout | undefined {
    if (!Number.isSafeInteger(number) || number < 1 || number > this.latest) return undefined;
    const known = this.#newest.get(number) ?? this.#read.get(number);
    if (known !== undefined) return layoutOf(known);
    const record = this.#backend.round(number);
    if (record === undefined) return undefined;
    // A large round is read again rather than kept: memory is bounded by bytes, not by rounds.
    if (bytesOf(record) <= KEPT_ROUND_BYTES / KEPT_ROUNDS) this.#read.set(number, record);
    return layoutOf(record);
  }

  /** Whether every round above `after` is in memory, so that a search there has seen them all. */
  holdsAbove(after: number): boolean {
    return after >= this.#latest || this.#newest.has(after + 1);
  }

  /** Rounds above `after` that are in memory, newest first. */
  *newestAbove(after: number): Generator<RoundLayout> {
    for (let number = this.latest; number > after; number--) {
      const record = this.#newest.get(number);
      if (record === undefined) return;
      yield layoutOf(record);
    }
  }
}

/** Rounds that may be applied and not on disk yet. */
const UNDURABLE_ROUNDS = 64;

/** The newest round that can be read from disk: on a running node the ledger is ahead of it. */
export function latestDurable(backend: Pick<Backend, 'round'> & { ledger: { round: number } }): number {
  const applied = backend.ledger.round;
  for (let number = applied; number > Math.max(0, applied - UNDURABLE_ROUNDS); number--) {
    if (backend.round(number) !== undefined) return number;
  }
  return Math.max(0, applied - UNDURABLE_ROUNDS);
}

function bytesOf(record: RoundRecord): number {
  let bytes = 1024 + record.ids.length + record.codes.length + record.fees.length;
  for (const block of record.input.blocks) bytes += block.body.length + 4096;
  return bytes;
}
