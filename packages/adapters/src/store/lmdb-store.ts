import { mkdirSync, statfsSync } from 'node:fs';
import { type Range, type Store, StoreFaultError, type Write } from '@iotw/kernel/ports/store';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import type { Failpoints } from '../failpoints/failpoints.js';
import { unseal } from './checksum.js';
import {
  DEFAULT_MAX_TABLES,
  lmdbRange,
  type OpenTable,
  openEnvironment,
  openTables,
  playFault,
  type Root,
} from './lmdb-environment.js';
import { asFailure, faultCode, faultText, type StoreOpenFault } from './lmdb-faults.js';
import { LmdbWriter, type WriterOptions } from './lmdb-writer.js';
import { claimDirectory, type OwnerLock } from './owner-lock.js';
import { RewrittenValues } from './rewritten-values.js';

export interface LmdbStoreOptions {
  /** The store's own directory; made where it does not exist. */
  readonly path: string;
  /** Limit of the pages in use (`store-full` beyond it); default 64 GiB. */
  readonly mapSizeBytes?: number;
  /** Tables there can ever be; default 32. */
  readonly maxTables?: number;
  readonly failpoints?: Failpoints | undefined;
  /** Free bytes of the store's disk; default: asked of the operating system. */
  readonly freeDiskBytes?: () => number;
}

const DEFAULT_MAP_SIZE_BYTES = 64 * 1024 ** 3;

/**
 * Opens the durable store: one LMDB environment, one named database a table, and another environment for rewritten values.
 *
 * A value that was damaged on disk is found when it is read (see checksum.ts); damage to LMDB's own
 * tree pages is found only where it breaks their form. A commit that fails by the disk ends the
 * store's writing (`store-io` from then on): what reached the disk is known only after opening anew, and
 * LMDB's error path leaves the heap in doubt, so the process should end at once, without cleaning up.
 *
 * Codes: `store-locked` another process owns it, `store-path` the directory can not be made or
 * written, `store-corrupt` it holds something else, or damage, `store-io`.
 */
export async function openLmdbStore(
  options: LmdbStoreOptions,
): Promise<Result<Store, Failure<StoreOpenFault>>> {
  const { path, failpoints } = options;
  let lock: OwnerLock | undefined;
  let root: Root | undefined;
  let rewritten: RewrittenValues | undefined;
  try {
    playFault(failpoints, 'store-open-before-lock');
    mkdirSync(path, { recursive: true });
    const claimed = await claimDirectory(path);
    if (!claimed.ok) return claimed as { ok: false; error: Failure<StoreOpenFault> };
    lock = claimed.value;
    playFault(failpoints, 'store-open-after-lock');
    const writer = {
      path,
      failpoints,
      mapSizeBytes: options.mapSizeBytes ?? DEFAULT_MAP_SIZE_BYTES,
      maxTables: options.maxTables ?? DEFAULT_MAX_TABLES,
      freeDiskBytes: options.freeDiskBytes ?? freeBytesOf(path),
    };
    root = openEnvironment(path, writer.maxTables);
    playFault(failpoints, 'store-open-after-environment');
    const tables = openTables(root, failpoints);
    rewritten = new RewrittenValues(path, writer.maxTables, failpoints);
    rewritten.open(tables);
    failpoints?.hit('store-open-done');
    return ok(new LmdbStore(root, tables, rewritten, lock, writer));
  } catch (error) {
    await rewritten?.close();
    await root?.close();
    await lock?.release();
    return asFailure(error, path, true);
  }
}

class LmdbStore implements Store {
  readonly #writer: LmdbWriter;
  readonly #failpoints: Failpoints | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly root: Root,
    private readonly tables: Map<string, OpenTable>,
    private readonly rewritten: RewrittenValues,
    private readonly lock: OwnerLock,
    private readonly options: WriterOptions,
  ) {
    this.#writer = new LmdbWriter(root, tables, rewritten, options);
    this.#failpoints = options.failpoints;
  }

  get(name: string, key: Uint8Array): Uint8Array | undefined {
    this.#assertReadable();
    const table = this.tables.get(name);
    if (table === undefined) return undefined;
    return this.#read(() => {
      if (this.#failpoints !== undefined) playFault(this.#failpoints, 'store-get');
      // LMDB's reusable buffer, valid until its next read: what is handed out is copied by `unseal`, once.
      const sealed = table.database.getBinaryFast(key);
      return sealed === undefined ? undefined : this.#value(name, table, key, sealed);
    });
  }

  *range(name: string, range: Range): Iterable<readonly [Uint8Array, Uint8Array]> {
    this.#assertReadable();
    const table = this.tables.get(name);
    const wanted = lmdbRange(range);
    if (table === undefined || wanted === undefined) return;
    const entries = this.#read(() => {
      if (this.#failpoints !== undefined) playFault(this.#failpoints, 'store-range-open');
      return table.database.getRange(wanted)[Symbol.iterator]();
    });
    let finished = false;
    if (table.hasVersions) this.rewritten.hold();
    try {
      for (;;) {
        const entry = this.#read(() => {
          if (this.#failpoints !== undefined) playFault(this.#failpoints, 'store-range-next');
          const next = entries.next();
          if (next.done === true) return undefined;
          const key = new Uint8Array(next.value.key);
          return [key, this.#value(name, table, key, next.value.value)] as const;
        });
        if (entry === undefined) {
          finished = true;
          return;
        }
        yield entry;
        this.#assertReadable();
      }
    } finally {
      if (table.hasVersions) this.rewritten.release();
      if (!finished && this.#closed === undefined) entries.return?.();
    }
  }

  commit(writes: readonly Write[]): Promise<Result<void>> {
    if (this.#closed !== undefined) return Promise.resolve(fail('store-closed', 'the store is closed'));
    return this.#writer.commit(writes);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#failpoints?.hit('store-close-before');
    await this.#writer.drained();
    this.#failpoints?.hit('store-close-drained');
    // Then the environment stays open, and owned, until the process ends.
    if (this.#writer.failedNatively) return;
    await this.root.close();
    await this.rewritten.close();
    this.#failpoints?.hit('store-close-unlock');
    await this.lock.release();
  }

  #assertReadable(): void {
    if (this.#closed !== undefined) throw new StoreFaultError('store-closed', 'the store is closed');
    if (this.#writer.failedNatively) {
      throw new StoreFaultError(
        'store-io',
        `The disk failed at ${this.options.path}: nothing more is read from it.`,
      );
    }
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof StoreFaultError) throw error;
      const code = faultCode(error, false) === 'store-corrupt' ? 'store-corrupt' : 'store-io';
      throw new StoreFaultError(code, faultText(code, this.options.path, error));
    }
  }

  #value(name: string, table: OpenTable, key: Uint8Array, sealed: Buffer): Uint8Array {
    const stored = unseal(table.seed, key, sealed);
    const value = stored && table.hasVersions ? this.rewritten.get(name, key, stored) : stored;
    if (value !== undefined) return value;
    const text = Buffer.from(key).toString('hex');
    throw new StoreFaultError(
      'store-corrupt',
      `${this.options.path}: table ${name}, key ${text}: bad checksum`,
    );
  }
}

/** Asking the kernel before every commit costs more than the answer is worth: the reserve covers this long. */
const FREE_BYTES_FRESH_MS = 50;

function freeBytesOf(path: string): () => number {
  let askedMs = Number.NEGATIVE_INFINITY;
  let free = 0;
  return () => {
    const now = performance.now();
    if (now - askedMs >= FREE_BYTES_FRESH_MS) {
      const disk = statfsSync(path);
      free = disk.bavail * disk.bsize;
      askedMs = now;
    }
    return free;
  };
}
