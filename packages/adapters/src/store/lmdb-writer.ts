import { existsSync, readFileSync } from 'node:fs';
import { assert } from '@iotw/kernel/assert';
import type { Write } from '@iotw/kernel/ports/store';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { BufferPool } from '../buffers/buffer-pool.js';
import type { FailAction } from '../failpoints/failpoint-names.js';
import { type Failpoints, killSelf } from '../failpoints/failpoints.js';
import {
  dataFile,
  type Entry,
  type OpenTable,
  openTable,
  pageSizeOf,
  playFault,
  type Root,
  transact,
} from './lmdb-environment.js';
import { asFailure, playedError } from './lmdb-faults.js';
import { tearLastCommit } from './power-cut.js';
import { type PreparedWrite, preparedBytes, prepareWrites } from './prepared-writes.js';
import type { Place, RewrittenValues } from './rewritten-values.js';
import { SizeLimit } from './size-limit.js';
import { assertKind, assertTable, assertWrite } from './write-rules.js';

export interface WriterOptions {
  readonly path: string;
  readonly mapSizeBytes: number;
  readonly maxTables: number;
  readonly freeDiskBytes: () => number;
  readonly failpoints: Failpoints | undefined;
}

/** A group commit ends at whichever comes first. */
const GROUP_COMMITS_MAX = 256;
const GROUP_BYTES_MAX = 16 * 1024 ** 2;
/** Time an acknowledged-but-lost commit leaves for the answer to go out before the process dies. */
const LOST_EXIT_MS = 50;

interface Pending {
  readonly writes: readonly PreparedWrite[];
  readonly pages: number;
  readonly bytes: number;
  /** Holds the copies; LMDB reads it until the commit is durable. */
  readonly memory: ArrayBuffer;
  readonly settle: (result: Result<void>) => void;
}

/**
 * The commits of a store: one transaction at a time, those of its rewritten values ahead of it, and what gathers behind it forms the
 * next (group commit), so that the order of acknowledgements is the order given.
 */
export class LmdbWriter {
  readonly #buffers = new BufferPool();
  readonly #limit: SizeLimit;
  readonly #queue: Pending[] = [];
  readonly #failpoints: Failpoints | undefined;
  /** Whether a table's values are rewritten ones, of the tables of commits that are pending, too. */
  readonly #kinds: Map<string, boolean>;
  /** Set by the first disk fault: what reached the disk is unknown until the store is opened anew. */
  #broken: { readonly ok: false; readonly error: Failure } | undefined;
  #draining: Promise<void> | undefined;
  #lost = false;
  #failedNatively = false;

  constructor(
    private readonly root: Root,
    private readonly tables: Map<string, OpenTable>,
    private readonly rewritten: RewrittenValues,
    private readonly options: WriterOptions,
  ) {
    const environments = () => [{ root, tables }, ...rewritten.environments()];
    this.#limit = new SizeLimit(environments, options.mapSizeBytes, options.freeDiskBytes);
    this.#failpoints = options.failpoints;
    this.#kinds = new Map(Array.from(tables, ([name, { hasVersions }]) => [name, hasVersions]));
  }

  /** As the port's `commit`: durable, or a code. */
  commit(writes: readonly Write[]): Promise<Result<void>> {
    if (this.#broken !== undefined) return Promise.resolve(this.#broken);
    if (this.#lost) return new Promise(() => {});
    try {
      if (this.#failpoints !== undefined) playFault(this.#failpoints, 'store-commit-before-check');
    } catch (error) {
      return Promise.resolve(this.#break(error));
    }
    return new Promise((settle) => {
      this.#queue.push(this.#prepare(writes, settle));
      this.#draining ??= this.#drain();
    });
  }

  /**
   * Whether LMDB itself failed on the disk. Its error path damages the heap (see size-limit.ts):
   * make no further call into the environment, end the process.
   */
  get failedNatively(): boolean {
    return this.#failedNatively;
  }

  /** Resolves when nothing given is left to write. */
  async drained(): Promise<void> {
    await this.#draining;
  }

  /** Copies the writes: the caller may reuse its bytes at once, but for those of given values. */
  #prepare(writes: readonly Write[], settle: Pending['settle']): Pending {
    let bytes = 0;
    let pages = 0;
    let copiedBytes = 0;
    for (const write of writes) {
      assertTable(write.table);
      assertWrite(write);
      const table = this.tables.get(write.table);
      const fits = table !== undefined || this.tables.size < this.options.maxTables;
      assert(fits, `the store takes ${this.options.maxTables} tables: raise maxTables`);
      bytes += write.key.length + (write.value?.length ?? 0);
      copiedBytes += preparedBytes(write);
      if (write.value === undefined) continue;
      assertKind(this.#kinds, write);
      pages += this.#limit.pagesOf(write.key.length, write.value.length);
    }
    const memory = this.#buffers.take(copiedBytes);
    const version = () => this.rewritten.nextVersion();
    return { writes: prepareWrites(writes, this.tables, version, memory), pages, bytes, memory, settle };
  }

  /** One transaction at a time; what gathers behind it forms the next. */
  async #drain(): Promise<void> {
    await undefined; // commits given in the same turn form one group
    while (this.#queue.length > 0) {
      const group = this.#nextGroup();
      if (group.length === 0) continue;
      const result = await this.#writeGroup(group);
      if (this.#lost) return;
      if (!result.ok) this.#refuseQueue(result);
      this.#failpoints?.hit('store-commit-before-ack');
      for (const pending of group) {
        if (result.ok) this.#buffers.give(pending.memory);
        pending.settle(result.ok ? ok(undefined) : result);
      }
      if (this.#failpoints !== undefined) {
        await new Promise((resolve) => setImmediate(resolve));
        this.#failpoints.hit('store-commit-after-ack');
      }
      if (result.ok) await this.#removeSuperseded(result.value);
    }
    this.#draining = undefined;
  }

  /** The commits that fit one transaction; at the first that passes the size limit the queue is refused. */
  #nextGroup(): Pending[] {
    const group: Pending[] = [];
    let bytes = 0;
    while (group.length < GROUP_COMMITS_MAX && bytes < GROUP_BYTES_MAX) {
      const next = this.#queue[0];
      if (next === undefined) break;
      if (!this.#limit.admit(next.pages)) {
        // What goes ahead is written first: its failure would be the earlier one.
        if (group.length > 0) break;
        const limit = this.options.mapSizeBytes;
        this.#refuseQueue(
          fail(
            'store-full',
            `${this.options.path} is at its limit of ${limit} bytes, or its disk is full: prune, raise the limit or free space`,
            {
              limit,
            },
          ),
        );
        break;
      }
      this.#queue.shift();
      group.push(next);
      bytes += next.bytes;
    }
    return group;
  }

  /** A failed commit takes those already given behind it along: what is durable has no gap. */
  #refuseQueue(result: Extract<Result<void>, { ok: false }>): void {
    for (const pending of this.#queue.splice(0)) pending.settle(result);
  }

  /** Makes a group durable; the result is what its rewritten values superseded. */
  async #writeGroup(group: readonly Pending[]): Promise<Result<readonly Place[]>> {
    const failpoints = this.#failpoints;
    const file = dataFile(this.options.path);
    try {
      const writes = group.flatMap((pending) => pending.writes);
      let previous: string | undefined;
      for (const write of writes) {
        if (failpoints !== undefined) {
          playFault(failpoints, write.sealed === undefined ? 'store-commit-delete' : 'store-commit-put');
          if (previous !== undefined && previous !== write.table)
            playFault(failpoints, 'store-commit-between-tables');
          previous = write.table;
        }
        if (write.sealed !== undefined && !this.tables.has(write.table))
          this.#createTable(write.table, write.versioned !== undefined);
      }
      const action = failpoints?.hit('store-commit-before-begin');
      if (action === 'eio' || action === 'enospc') throw playedError(action);
      if (action === 'lost') return this.#lose(group);
      const superseded = this.rewritten.supersededBy(writes, this.tables);
      if (writes.some(({ versioned }) => versioned !== undefined)) await this.#writeRewritten(writes);
      await this.#torn(action, file, () => this.#transact(writes));
      failpoints?.hit('store-commit-after-sync');
      this.#limit.settle();
      return ok(superseded);
    } catch (error) {
      return this.#break(error);
    }
  }

  async #writeRewritten(writes: readonly PreparedWrite[]): Promise<void> {
    const action = this.#failpoints?.hit('store-rewritten-before-begin');
    if (action === 'eio' || action === 'enospc') throw playedError(action);
    await this.#torn(action, this.rewritten.file, () => this.#native(this.rewritten.write(writes)));
    playFault(this.#failpoints, 'store-rewritten-after-sync');
  }

  /** After the acknowledgement; what fails here fails the commits behind it. */
  async #removeSuperseded(superseded: readonly Place[]): Promise<void> {
    try {
      if (superseded.length > 0) playFault(this.#failpoints, 'store-rewritten-before-remove');
      await this.#native(this.rewritten.remove(superseded));
    } catch (error) {
      this.#refuseQueue(this.#break(error));
    }
  }

  /** Plays a power cut among the page writes of a commit, where that is the action. */
  async #torn(action: FailAction | undefined, file: string, commit: () => Promise<void>): Promise<void> {
    if (action !== 'torn') return commit();
    const before = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    await commit();
    tearLastCommit(file, before, pageSizeOf(this.root));
    killSelf();
  }

  async #transact(writes: readonly PreparedWrite[]): Promise<void> {
    const entries: Entry[] = [];
    for (const { table, key, sealed } of writes) {
      const database = this.tables.get(table)?.database;
      // Else a delete in a table never written.
      if (database !== undefined) entries.push({ database, key, sealed });
    }
    const done = transact(this.root, entries, () => this.#failpoints?.hit('store-commit-in-transaction'));
    this.#failpoints?.hit('store-commit-before-sync');
    await this.#native(done);
  }

  async #native(commit: Promise<void>): Promise<void> {
    try {
      await commit;
    } catch (error) {
      this.#failedNatively = true;
      throw error;
    }
  }

  #createTable(name: string, rewritten: boolean): void {
    if (this.#failpoints !== undefined) playFault(this.#failpoints, 'store-table-create');
    this.tables.set(name, openTable(this.root, name, rewritten));
  }

  /** Plays a disk that lies: acknowledged, never written; nothing is written until the process dies. */
  #lose(group: readonly Pending[]): Result<readonly Place[]> {
    this.#lost = true;
    for (const pending of group) pending.settle(ok(undefined));
    setTimeout(killSelf, LOST_EXIT_MS);
    return ok([]);
  }

  #break(error: unknown): { readonly ok: false; readonly error: Failure } {
    this.#broken ??= asFailure(error, this.options.path);
    return this.#broken;
  }
}
