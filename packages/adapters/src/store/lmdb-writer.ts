import { readFileSync } from 'node:fs';
import { assert } from '@iotw/kernel/assert';
import type { Write } from '@iotw/kernel/ports/store';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { BufferPool } from '../buffers/buffer-pool.js';
import { type Failpoints, killSelf } from '../failpoints/failpoints.js';
import { SEAL_BYTES, seal, sealInPlace, tableSeed } from './checksum.js';
import { dataFile, type OpenTable, openTable, pageSizeOf, playFault, type Root } from './lmdb-environment.js';
import { asFailure, playedError } from './lmdb-faults.js';
import { tearLastCommit } from './power-cut.js';
import { SizeLimit } from './size-limit.js';
import { assertTable, assertWrite } from './write-rules.js';

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
  readonly writes: readonly {
    readonly table: string;
    readonly key: Uint8Array;
    readonly sealed: Buffer | undefined;
  }[];
  readonly pages: number;
  readonly bytes: number;
  /** Holds the copies; LMDB reads it until the commit is durable. */
  readonly memory: ArrayBuffer;
  readonly settle: (result: Result<void>) => void;
}

/**
 * The commits of one environment: one transaction at a time, and what gathers behind it forms the
 * next (group commit), so that the order of acknowledgements is the order given.
 */
export class LmdbWriter {
  readonly #buffers = new BufferPool();
  readonly #limit: SizeLimit;
  readonly #queue: Pending[] = [];
  readonly #failpoints: Failpoints | undefined;
  /** Set by the first disk fault: what reached the disk is unknown until the store is opened anew. */
  #broken: { readonly ok: false; readonly error: Failure } | undefined;
  #draining: Promise<void> | undefined;
  #lost = false;
  #failedNatively = false;

  constructor(
    private readonly root: Root,
    private readonly tables: Map<string, OpenTable>,
    private readonly options: WriterOptions,
  ) {
    this.#limit = new SizeLimit(root, tables, options.mapSizeBytes, options.freeDiskBytes);
    this.#failpoints = options.failpoints;
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

  /** Copies the writes, values sealed, into one buffer: the caller may reuse its bytes at once. What is given is sealed where it lies. */
  #prepare(writes: readonly Write[], settle: Pending['settle']): Pending {
    let bytes = 0;
    let givenBytes = 0;
    let pages = 0;
    for (const write of writes) {
      assertTable(write.table);
      assertWrite(write);
      const fits = this.tables.has(write.table) || this.tables.size < this.options.maxTables;
      assert(fits, `the store takes ${this.options.maxTables} tables: raise maxTables`);
      bytes += write.key.length;
      if (write.value === undefined) continue;
      pages += this.#limit.pagesOf(write.key.length, write.value.length);
      if (write.given === true) givenBytes += write.value.length;
      else bytes += write.value.length + SEAL_BYTES;
    }
    const memory = this.#buffers.take(bytes);
    const buffer = Buffer.from(memory);
    let at = 0;
    const copies = writes.map((write) => {
      const { table, key: from, value } = write;
      const key = buffer.subarray(at, at + from.length);
      key.set(from);
      at += from.length;
      if (value === undefined) return { table, key, sealed: undefined };
      const seed = this.tables.get(table)?.seed ?? tableSeed(table);
      if (write.given === true) return { table, key, sealed: sealInPlace(seed, key, value) };
      const sealed = seal(seed, key, value, buffer, at);
      at += sealed.length;
      return { table, key, sealed };
    });
    return { writes: copies, pages, bytes: bytes + givenBytes, memory, settle };
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
        pending.settle(result);
      }
      if (this.#failpoints !== undefined) {
        await new Promise((resolve) => setImmediate(resolve));
        this.#failpoints.hit('store-commit-after-ack');
      }
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
  #refuseQueue(result: Result<void>): void {
    for (const pending of this.#queue.splice(0)) pending.settle(result);
  }

  async #writeGroup(group: readonly Pending[]): Promise<Result<void>> {
    const failpoints = this.#failpoints;
    const file = dataFile(this.options.path);
    try {
      let previous: string | undefined;
      for (const write of group.flatMap((pending) => pending.writes)) {
        if (failpoints !== undefined) {
          playFault(failpoints, write.sealed === undefined ? 'store-commit-delete' : 'store-commit-put');
          if (previous !== undefined && previous !== write.table)
            playFault(failpoints, 'store-commit-between-tables');
          previous = write.table;
        }
        if (write.sealed !== undefined && !this.tables.has(write.table)) this.#createTable(write.table);
      }
      const action = failpoints?.hit('store-commit-before-begin');
      if (action === 'eio' || action === 'enospc') throw playedError(action);
      if (action === 'lost') return this.#lose(group);
      const before = action === 'torn' ? readFileSync(file) : undefined;
      await this.#transact(group);
      if (before !== undefined) {
        tearLastCommit(file, before, pageSizeOf(this.root));
        killSelf();
      }
      failpoints?.hit('store-commit-after-sync');
      this.#limit.settle();
      return ok(undefined);
    } catch (error) {
      return this.#break(error);
    }
  }

  async #transact(group: readonly Pending[]): Promise<void> {
    let seen: unknown;
    const done = this.root.batch(() => {
      for (const { writes } of group) {
        for (const { table, key, sealed } of writes) {
          const database = this.tables.get(table)?.database;
          if (database === undefined) continue; // a delete in a table never written
          const part = sealed === undefined ? database.remove(key) : database.put(key, sealed);
          // Each write may return a promise of its own that fails with the batch's.
          if (part !== seen) part.catch(() => {});
          seen = part;
        }
      }
      this.#failpoints?.hit('store-commit-in-transaction');
    });
    this.#failpoints?.hit('store-commit-before-sync');
    try {
      await done;
    } catch (error) {
      this.#failedNatively = true;
      // lmdb-js: the reason comes apart from the rejection.
      await (error as { commitError?: Promise<never> }).commitError;
      throw error;
    }
  }

  #createTable(name: string): void {
    if (this.#failpoints !== undefined) playFault(this.#failpoints, 'store-table-create');
    this.tables.set(name, openTable(this.root, name));
  }

  /** Plays a disk that lies: acknowledged, never written; nothing is written until the process dies. */
  #lose(group: readonly Pending[]): Result<void> {
    this.#lost = true;
    for (const pending of group) pending.settle(ok(undefined));
    setTimeout(killSelf, LOST_EXIT_MS);
    return ok(undefined);
  }

  #break(error: unknown): { readonly ok: false; readonly error: Failure } {
    this.#broken ??= asFailure(error, this.options.path);
    return this.#broken;
  }
}
