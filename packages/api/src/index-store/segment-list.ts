import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { ok, type Result } from '@iotw/kernel/result';
import {
  type Manifest,
  manifestWrite,
  readManifest,
  segmentDelete,
  segmentWrite,
  strayDeletes,
} from './manifest.js';
import { pageSource } from './merge.js';
import { collectFromSegment, PageCache } from './page-cache.js';
import type { Segment } from './segment.js';
import { nextTurn, segmentDeletes, writeSegment } from './segment-writer.js';
import type { YoungSegment } from './young-segment.js';

/** Neighbours of one level that are merged into one of the next. */
export const MERGE_SEGMENTS = 4;
/** Keys removed by one commit. */
const DELETES_PER_COMMIT = 256;

/** The segments on disk, oldest first. One change at a time: the caller waits for each. */
export class SegmentList {
  readonly #store: Store;
  readonly #network: Uint8Array;
  readonly #pages: PageCache;
  readonly #failpoints: Failpoints | undefined;
  #segments: readonly Segment[] = [];
  #nextSegment = 1;

  constructor(store: Store, network: Uint8Array, failpoints?: Failpoints) {
    this.#failpoints = failpoints;
    this.#store = store;
    this.#network = network;
    this.#pages = new PageCache(store);
  }

  get count(): number {
    return this.#segments.length;
  }

  /** Location that the segments cover history up to; 0 where there are none. */
  get to(): number {
    return this.#segments.at(-1)?.to ?? 0;
  }

  get entries(): number {
    let entries = 0;
    for (const { tables } of this.#segments) for (const table of tables) entries += table.entries;
    return entries;
  }

  /** Reads what is on disk. Throws StoreFaultError. */
  open(): void {
    const manifest = readManifest(this.#store, this.#network);
    this.#segments = manifest?.segments ?? [];
    this.#nextSegment = manifest?.nextSegment ?? 1;
    this.#pages.clear();
  }

  /** Forgets everything: the rounds are indexed anew. Codes of StoreFault. */
  async reset(): Promise<Result<void>> {
    this.#segments = [];
    this.#pages.clear();
    const written = await this.#store.commit([manifestWrite(this.#network, this.#manifest())]);
    return written.ok ? this.sweep() : written;
  }

  /** Removes what no segment of the manifest owns, some of it per turn. Codes of StoreFault. */
  async sweep(): Promise<Result<void>> {
    for (;;) {
      const writes = strayDeletes(this.#store, this.#manifest(), DELETES_PER_COMMIT);
      if (writes.length === 0) return ok(undefined);
      const deleted = await this.#store.commit(writes);
      if (!deleted.ok) return deleted;
      await nextTurn();
    }
  }

  /** Appends the young segment, which covers history up to `to`, then merges. Codes of StoreFault. */
  async flush(young: YoungSegment, to: number): Promise<Result<void>> {
    const head = { id: this.#nextSegment++, level: 0, from: young.from, to };
    const segment = await writeSegment(this.#store, head, (table) => young.sources(table));
    if (!segment.ok) return segment;
    return this.#replace([], segment.value);
  }

  /** Removes the segments that know of nothing from location `floor` on. Codes of StoreFault. */
  async dropBelow(floor: number): Promise<Result<void>> {
    const kept = this.#segments.findIndex(({ to }) => to > floor);
    const gone = kept === -1 ? this.#segments : this.#segments.slice(0, kept);
    return gone.length === 0 ? ok(undefined) : this.#rewrite(gone, this.#segments.slice(gone.length));
  }

  /** Merges the newest neighbours of one level while there are enough of them. Codes of StoreFault. */
  async merge(): Promise<Result<void>> {
    for (;;) {
      const tail = this.#segments.slice(-MERGE_SEGMENTS);
      const level = tail[0]?.level;
      if (tail.length < MERGE_SEGMENTS || tail.some((segment) => segment.level !== level))
        return ok(undefined);
      const head = {
        id: this.#nextSegment++,
        level: level! + 1,
        from: tail[0]!.from,
        to: tail.at(-1)!.to,
      };
      const merged = await writeSegment(this.#store, head, (table) =>
        tail.map((segment) => pageSource(this.#store, segment, table)),
      );
      if (!merged.ok) return merged;
      const replaced = await this.#replace(tail, merged.value);
      if (!replaced.ok) return replaced;
    }
  }

  /** The new list counts from the commit of the manifest on; old pages go afterwards. */
  async #replace(old: readonly Segment[], segment: Segment): Promise<Result<void>> {
    const kept = this.#segments.slice(0, this.#segments.length - old.length);
    return this.#rewrite(old, [...kept, segment], [segmentWrite(segment)]);
  }

  async #rewrite(
    old: readonly Segment[],
    segments: readonly Segment[],
    writes: readonly Write[] = [],
  ): Promise<Result<void>> {
    this.#failpoints?.hit('api-index-write');
    const manifest = manifestWrite(this.#network, { nextSegment: this.#nextSegment, segments });
    const written = await this.#store.commit([...writes, manifest]);
    if (!written.ok) return written;
    this.#failpoints?.hit('api-index-written');
    this.#segments = segments;
    for (const gone of old) {
      const deletes = [segmentDelete(gone), ...segmentDeletes(gone)];
      for (let at = 0; at < deletes.length; at += DELETES_PER_COMMIT) {
        const deleted = await this.#store.commit(deletes.slice(at, at + DELETES_PER_COMMIT));
        if (!deleted.ok) return deleted;
      }
    }
    return ok(undefined);
  }

  /** As collectBelow of memory-table.ts. Throws IndexDamaged and StoreFaultError. */
  collectBelow(table: number, key: number, before: number, limit: number, out: number[]): void {
    for (let i = this.#segments.length - 1; i >= 0 && out.length < limit; i--) {
      const segment = this.#segments[i]!;
      if (segment.from < before) collectFromSegment(this.#pages, segment, table, key, before, limit, out);
    }
  }

  #manifest(): Manifest {
    return { nextSegment: this.#nextSegment, segments: this.#segments };
  }
}
