import { SEAL_BYTES } from './checksum.js';
import { type Environment, pageSizeOf } from './lmdb-environment.js';

interface TreeStats {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

interface EnvironmentStats extends TreeStats {
  readonly lastPageNumber: number;
  readonly root: TreeStats;
  readonly free: TreeStats;
}

/** LMDB's own header of an entry on a leaf page, and of a run of overflow pages. */
const NODE_BYTES = 16;
const META_PAGES = 2;
/** Disk space left to everything else on it; below it only deletes are taken. */
const DISK_RESERVE_BYTES = 64 * 1024 ** 2;
/** Below this nothing is written any more: even a delete writes pages. */
const DISK_FLOOR_BYTES = 8 * 1024 ** 2;
/**
 * What one commit takes beside its entries: new branch and leaf pages of the trees it touches. Versions of rewritten values
 * and their removal are not counted: some 100 bytes for each, which the disk's reserve covers for half a million of them.
 */
const COMMIT_PAGES = 16;

/**
 * Holds the environments of a store under a size limit. lmdb-js lets the map grow for ever (LMDB's own
 * MDB_MAP_FULL does not occur), so the limit is kept here: on pages in use, those of deleted
 * entries not counted. The file itself can be larger by its free pages.
 *
 * It also keeps LMDB from ever meeting a full disk: in lmdb-js 3.5.6 a failed page write formats its
 * error message past the end of a 100-byte buffer (mdb.c, mdb_page_flush), after which the process'
 * heap is not to be trusted. So the space is asked for before each commit.
 */
export class SizeLimit {
  readonly #limitPages: number;
  readonly #pageSize: number;
  /** Not less than the pages in use; exact after a look at the trees. */
  #upperBound: number;

  constructor(
    /** The store's own first; there can be more of them later. */
    private readonly environments: () => readonly Environment[],
    limitBytes: number,
    /** Bytes an unprivileged process can still write on the store's disk. */
    private readonly freeDiskBytes: () => number,
  ) {
    this.#pageSize = pageSizeOf(environments()[0]!.root);
    this.#limitPages = Math.floor(limitBytes / this.#pageSize);
    this.#upperBound = this.#pagesOfFiles();
  }

  /** Pages one put can add at most, in fractions of a page for small entries. */
  pagesOf(keyBytes: number, valueBytes: number): number {
    const bytes = NODE_BYTES + keyBytes + valueBytes + SEAL_BYTES;
    // Leaves are split in halves: an entry that shares a page can cost twice its size.
    return bytes * 2 <= this.#pageSize
      ? (bytes * 2) / this.#pageSize
      : 1 + Math.ceil((bytes + NODE_BYTES) / this.#pageSize);
  }

  /** Takes `pages` more, or says that they do not fit: a commit of deletes (0 pages) does, down to the disk's floor. */
  admit(pages: number): boolean {
    const wanted = Math.ceil(pages) + COMMIT_PAGES;
    const needed = pages === 0 ? DISK_FLOOR_BYTES : DISK_RESERVE_BYTES + wanted * this.#pageSize;
    if (this.freeDiskBytes() < needed) return false;
    if (pages === 0) return true;
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
    // Far from the limit an upper bound will do.
    if (this.#upperBound * 2 < this.#limitPages) return;
    this.#upperBound = Math.min(this.#upperBound, this.#pagesOfFiles());
  }

  #pagesOfFiles(): number {
    return sum(this.environments(), ({ root }) => (root.getStats() as EnvironmentStats).lastPageNumber + 1);
  }

  #pagesInUse(): number {
    return sum(this.environments(), ({ root, tables }) => {
      const stats = root.getStats() as EnvironmentStats;
      const ofTables = sum(tables.values(), ({ database }) => pagesOfTree(database.getStats() as TreeStats));
      return META_PAGES + pagesOfTree(stats.root) + pagesOfTree(stats.free) + ofTables;
    });
  }
}

function sum<T>(parts: Iterable<T>, of: (part: T) => number): number {
  let all = 0;
  for (const part of parts) all += of(part);
  return all;
}

function pagesOfTree(stats: TreeStats): number {
  return stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
}
