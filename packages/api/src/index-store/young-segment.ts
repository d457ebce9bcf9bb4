import type { ColumnPool } from './column-pool.js';
import { INDEX_TABLES } from './location.js';
import { MemoryTable } from './memory-table.js';
import { type EntrySource, runSource } from './merge.js';

/** The newest part of history, in memory only: it is made again from the rounds after a restart. */
export class YoungSegment {
  readonly tables: readonly MemoryTable[];
  /** First location it covers. */
  readonly from: number;

  /** `columns`: as for MemoryTable. */
  constructor(from: number, columns: ColumnPool) {
    this.from = from;
    this.tables = Array.from({ length: INDEX_TABLES }, () => new MemoryTable(columns));
  }

  /** Its entries are on disk, and nobody reads them here any more. */
  release(): void {
    for (const table of this.tables) table.release();
  }

  get entries(): number {
    let entries = 0;
    for (const table of this.tables) entries += table.entries;
    return entries;
  }

  /** The sorted runs of one table; nothing may be added afterwards. */
  sources(table: number): EntrySource[] {
    const { runs } = this.tables[table]!;
    this.tables[table]!.seal();
    return runs.map(runSource);
  }

  collectBelow(table: number, key: number, before: number, limit: number, out: number[]): void {
    this.tables[table]!.collectBelow(key, before, limit, out);
  }
}
