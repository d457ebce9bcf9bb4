import type { Database, RootDatabase } from 'lmdb';
import { SEAL_BYTES } from './checksum.js';

interface TreeStats {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

interface EnvironmentStats extends TreeStats {
  readonly pageSize: number;
  readonly lastPageNumber: number;
  readonly root: TreeStats;
  readonly free: TreeStats;
}

/** LMDB's own header of an entry on a leaf page, and of a run of overflow pages. */
const NODE_BYTES = 16;
const META_PAGES = 2;
/** What one commit takes beside its entries: new branch and leaf pages of the trees it touches. */
const COMMIT_PAGES = 16;

/**
 * Holds an environment under a size limit. lmdb-js lets the map grow for ever (LMDB's own
 * MDB_MAP_FULL does not occur), so the limit is kept here: on pages in use, those of deleted
 * entries not counted. The file itself can be larger by its free pages.
 */
export class SizeLimit {
  readonly #limitPages: number;
  readonly #pageSize: number;
  /** Not less than the pages in use; exact after a look at the trees. */
  #upperBound: number;

  constructor(
    private readonly environment: RootDatabase<Buffer, Uint8Array>,
    private readonly tables: ReadonlyMap<string, { readonly database: Database<Buffer, Uint8Array> }>,
    limitBytes: number,
  ) {
    const stats = environment.getStats() as EnvironmentStats;
    this.#pageSize = stats.pageSize;
    this.#limitPages = Math.floor(limitBytes / stats.pageSize);
    this.#upperBound = stats.lastPageNumber + 1;
  }

  /** Pages one put can add at most, in fractions of a page for small entries. */
  pagesOf(keyBytes: number, valueBytes: number): number {
    const bytes = NODE_BYTES + keyBytes + valueBytes + SEAL_BYTES;
    // Leaves are split in halves: an entry that shares a page can cost twice its size.
    return bytes * 2 <= this.#pageSize
      ? (bytes * 2) / this.#pageSize
      : 1 + Math.ceil((bytes + NODE_BYTES) / this.#pageSize);
  }

  /** Takes `pages` more, or says that they do not fit. A commit of deletes (0 pages) always fits. */
  admit(pages: number): boolean {
    if (pages === 0) return true;
    const wanted = Math.ceil(pages) + COMMIT_PAGES;
    if (this.#upperBound + wanted > this.#limitPages) {
      // The bound only rises: before refusing, count what is in use.
      const counted = this.#pagesInUse();
      if (counted + wanted > this.#limitPages) return false;
      this.#upperBound = counted;
    }
    this.#upperBound += wanted;
    return true;
  }

  /** To be called when a group of commits is durable: what was admitted is in the trees now. */
  settle(): void {
    const stats = this.environment.getStats() as EnvironmentStats;
    this.#upperBound = Math.min(this.#upperBound, stats.lastPageNumber + 1);
  }

  #pagesInUse(): number {
    const stats = this.environment.getStats() as EnvironmentStats;
    let pages = META_PAGES + pagesOfTree(stats.root) + pagesOfTree(stats.free);
    for (const { database } of this.tables.values()) pages += pagesOfTree(database.getStats() as TreeStats);
    return pages;
  }
}

function pagesOfTree(stats: TreeStats): number {
  return stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
}
