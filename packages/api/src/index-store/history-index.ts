import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import type { Store } from '@iotw/kernel/ports/store';
import type { Result } from '@iotw/kernel/result';
import type { StoredHistory } from '@iotw/nodes/ledger-server/stored-history';
import { roundHash } from '@iotw/protocol/round';
import { latestDurable } from '../round-archive.js';
import { RoundLayout } from '../round-layout.js';
import { ColumnPool } from './column-pool.js';
import { hashKey, heightKey, INDEX_TABLE, locationOf, positionOf, roundOf } from './location.js';
import { RUN_ENTRIES } from './memory-table.js';
import { type IndexLedger, scanRound } from './round-scan.js';
import { IndexDamaged } from './segment.js';
import { SegmentList } from './segment-list.js';
import { nextTurn } from './segment-writer.js';
import { YoungSegment } from './young-segment.js';

/** Where the rounds come from. */
export interface RoundSource {
  readonly network: Uint8Array;
  readonly ledger: IndexLedger & { readonly round: number };
  /** The first round that is kept. */
  readonly kept: { readonly first: number };
  readonly history: Pick<StoredHistory, 'round'>;
}

export interface IndexLimits {
  /** Entries after which the young segment goes to disk. */
  readonly youngEntries: number;
  /** Rounds after which it goes to disk all the same, so that a restart has little to read again. */
  readonly youngRounds: number;
  /** Transactions indexed in one turn of the event loop. */
  readonly transactionsPerTurn: number;
  /** Newest records kept for the index while it lags; older ones are read from disk again. */
  readonly heldRecords: number;
}

export const DEFAULT_INDEX_LIMITS: IndexLimits = {
  youngEntries: 262_144,
  youngRounds: 8_192,
  transactionsPerTurn: 1_024,
  heldRecords: 8,
};

export interface IndexStatus {
  readonly state: 'current' | 'behind' | 'failed';
  /** The first round that is kept: the index knows none before it. */
  readonly first: number;
  /** Last round that is indexed whole, and the newest there is. */
  readonly round: number;
  readonly latest: number;
  /** Transactions indexed since the start. */
  readonly transactions: number;
  readonly segments: number;
  readonly entries: number;
  /** Code of StoreFault, or `index-broken` for a bug, where the state is `failed`. */
  readonly fault?: string;
}

/** Places with one 39-bit key that are looked at for one hash. */
const CANDIDATES = 16;

/**
 * Who did what, and where is it: account history and look-ups by id, hash and height (spec: nothing of it
 * is normative). Built from rounds that are durable already, behind their back: it lags under load,
 * catches up, and is rebuilt from the rounds where it is lost. Nothing but queries depends on it.
 */
export class HistoryIndex {
  readonly #source: RoundSource;
  readonly #limits: IndexLimits;
  readonly #onFault: (error: unknown) => void;
  readonly #segments: SegmentList;
  readonly #held = new Map<number, RoundLayout>();
  readonly #columns = new ColumnPool(RUN_ENTRIES);
  #young: YoungSegment;
  #flushing: YoungSegment | undefined;
  #flush: Promise<void> = Promise.resolve();
  /** Next location to index. */
  #next: number;
  #latest: number;
  #transactions = 0;
  #running = false;
  #closed = false;
  #fault: string | undefined;
  /** A page is gone: everything is built anew in the next turn. */
  #damaged = false;
  #pump: Promise<void> = Promise.resolve();

  /** Opens what is on disk; call `start` then. Throws StoreFaultError. */
  constructor(
    store: Store,
    source: RoundSource,
    limits: IndexLimits = DEFAULT_INDEX_LIMITS,
    onFault: (error: unknown) => void = () => undefined,
    failpoints?: Failpoints,
  ) {
    this.#source = source;
    this.#limits = limits;
    this.#onFault = onFault;
    this.#segments = new SegmentList(store, source.network, failpoints);
    this.#segments.open();
    this.#next = Math.max(this.#segments.to, this.#floor);
    const from = this.#segments.count === 0 ? this.#next : this.#segments.to;
    this.#young = new YoungSegment(from, this.#columns);
    this.#latest = latestDurable(source);
  }

  /** Drops an index that is ahead of the ledger, then catches up. */
  async start(): Promise<void> {
    const ahead = roundOf(this.#next) > this.#latest + 1;
    if (ahead) await this.#rebuild();
    else {
      const swept = await this.#segments.sweep();
      if (!swept.ok) this.#fail(swept.error);
    }
    this.#wake();
  }

  /** Location below which nothing is kept. */
  get #floor(): number {
    return locationOf(this.#source.kept.first, 0);
  }

  /** Begins again at the first round. */
  async #rebuild(): Promise<void> {
    this.#next = this.#floor;
    this.#young = new YoungSegment(this.#next, this.#columns);
    this.#flushing = undefined;
    const reset = await this.#segments.reset();
    if (!reset.ok) this.#fail(reset.error);
  }

  /** A round is durable and applied. */
  offer(layout: RoundLayout): void {
    const { number } = layout;
    this.#latest = Math.max(this.#latest, number);
    this.#held.set(number, layout);
    if (this.#held.size > this.#limits.heldRecords) {
      for (const oldest of this.#held.keys()) {
        this.#held.delete(oldest);
        break;
      }
    }
    this.#wake();
  }

  get status(): IndexStatus {
    const round = roundOf(this.#next) - 1;
    return {
      state: this.#state(round),
      first: this.#source.kept.first,
      round,
      latest: this.#latest,
      transactions: this.#transactions,
      segments: this.#segments.count,
      entries: this.#segments.entries + this.#young.entries + (this.#flushing?.entries ?? 0),
      ...(this.#fault === undefined ? {} : { fault: this.#fault }),
    };
  }

  #state(round: number): IndexStatus['state'] {
    if (this.#fault !== undefined) return 'failed';
    return round < this.#latest || this.#damaged ? 'behind' : 'current';
  }

  /** Locations of a transaction id, newest first; some may be another id's, compare the whole. */
  transaction(id: Uint8Array): number[] {
    return this.#below(INDEX_TABLE.transactions, hashKey(id, 0), Number.MAX_SAFE_INTEGER, CANDIDATES);
  }

  /** Locations of a block hash (block in applied order) or round hash (ROUND_ITSELF), newest first. */
  hash(hash: Uint8Array): number[] {
    return this.#below(INDEX_TABLE.hashes, hashKey(hash, 0), Number.MAX_SAFE_INTEGER, CANDIDATES);
  }

  /** Location (block in applied order) of a lane's block; a height is applied once. */
  height(lane: number, height: number): number | undefined {
    return this.#below(INDEX_TABLE.heights, heightKey(lane, height), Number.MAX_SAFE_INTEGER, 1)[0];
  }

  /** Up to `limit` transactions that concern an account, below location `before`, newest first. */
  account(account: number, before: number, limit: number): number[] {
    return this.#below(INDEX_TABLE.postings, account, before, limit);
  }

  /** Up to `limit` blocks that hold an attestation of a device, below location `before`, newest first; one may come twice. */
  device(device: number, before: number, limit: number): number[] {
    return this.#below(INDEX_TABLE.devices, device, before, limit);
  }

  #below(table: number, key: number, before: number, limit: number): number[] {
    const out: number[] = [];
    this.#young.collectBelow(table, key, before, limit, out);
    this.#flushing?.collectBelow(table, key, before, limit, out);
    if (out.length < limit) {
      try {
        this.#segments.collectBelow(table, key, before, limit, out);
      } catch (error) {
        this.#fail(error);
      }
    }
    // Newest first: what is pruned is at the end.
    const floor = this.#floor;
    while (out.length > 0 && out.at(-1)! < floor) out.pop();
    return out;
  }

  /** Resolves when everything offered so far is indexed, or the index has failed. */
  async caughtUp(): Promise<void> {
    while (!this.#closed && this.status.state === 'behind') await this.#pump.then(nextTurn);
  }

  /** Stops, and leaves what is in memory on disk so that the next start has nothing to read again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pump;
    await this.#flush;
    if (this.#fault === undefined && this.#young.entries > 0) {
      this.#beginFlush();
      await this.#flush;
    }
  }

  #wake(): void {
    if (this.#running || this.#closed || this.#fault !== undefined) return;
    this.#running = true;
    this.#pump = this.#run()
      .catch((error: unknown) => this.#fail(error))
      .then(() => {
        this.#running = false;
        if (this.#lags() || this.#damaged) this.#wake();
      });
  }

  async #run(): Promise<void> {
    while (!this.#closed && this.#fault === undefined && (this.#damaged || this.#lags())) {
      await nextTurn();
      if (this.#damaged) {
        await this.#flush;
        this.#damaged = false;
        await this.#rebuild();
      }
      this.#turn();
      if (this.#isFull()) {
        await this.#flush;
        if (this.#fault === undefined) this.#beginFlush();
      }
    }
  }

  #lags(): boolean {
    return roundOf(this.#next) <= this.#latest;
  }

  /** One slice of work. */
  #turn(): void {
    let left = this.#limits.transactionsPerTurn;
    this.#next = Math.max(this.#next, this.#floor);
    while (left > 0 && this.#lags()) {
      const number = roundOf(this.#next);
      const layout = this.#held.get(number) ?? this.#read(number);
      // A round that is not kept any more has no history to serve.
      if (layout === undefined) {
        this.#next = locationOf(number + 1, 0);
        left--;
        continue;
      }
      const { network, ledger } = this.#source;
      const hash = roundHash(network, layout.record.header);
      const position = positionOf(this.#next);
      const end = scanRound(ledger, network, layout, hash, position, left, this.#young.tables);
      this.#transactions += end - position;
      left -= Math.max(end - position, 1);
      if (end < layout.count) {
        // Kept until it is done, so that a slice never reads the whole round again.
        this.#held.set(number, layout);
        this.#next = locationOf(number, end);
      } else {
        this.#held.delete(number);
        this.#next = locationOf(number + 1, 0);
      }
    }
  }

  #read(number: number): RoundLayout | undefined {
    const record = this.#source.history.round(number);
    return record && new RoundLayout(record);
  }

  #isFull(): boolean {
    const rounds = roundOf(this.#next) - roundOf(this.#young.from);
    const { entries } = this.#young;
    return entries >= this.#limits.youngEntries || (entries > 0 && rounds >= this.#limits.youngRounds);
  }

  #beginFlush(): void {
    const young = this.#young;
    const to = this.#next;
    this.#flushing = young;
    this.#young = new YoungSegment(to, this.#columns);
    this.#flush = this.#writeOut(young, to).then(
      (done) => {
        if (!done.ok) this.#fail(done.error);
      },
      (error: unknown) => this.#fail(error),
    );
  }

  async #writeOut(young: YoungSegment, to: number): Promise<Result<void>> {
    const flushed = await this.#segments.flush(young, to);
    if (!flushed.ok) return flushed;
    this.#flushing = undefined;
    young.release();
    if (this.#closed) return flushed;
    const dropped = await this.#segments.dropBelow(this.#floor);
    return dropped.ok ? this.#segments.merge() : dropped;
  }

  #fail(error: unknown): void {
    if (error instanceof IndexDamaged) {
      this.#damaged = true;
      this.#wake();
      return;
    }
    const { code } = error as { readonly code?: unknown };
    this.#fault ??= typeof code === 'string' ? code : 'index-broken';
    this.#onFault(error);
  }
}
