import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromUtf8, utf8 } from '@iotw/kernel/bytes';
import type { Range } from '@iotw/kernel/ports/store';
import { type Database, open, type RangeOptions, type RootDatabase } from 'lmdb';
import type { FailpointName } from '../failpoints/failpoint-names.js';
import type { Failpoints } from '../failpoints/failpoints.js';
import { tableSeed } from './checksum.js';
import { checkDataFile } from './data-file-check.js';
import { playedError } from './lmdb-faults.js';
import { isTableName, VERSION_SUFFIX } from './write-rules.js';

export type Root = RootDatabase<Buffer, Uint8Array>;

export interface OpenTable {
  readonly database: Database<Buffer, Uint8Array>;
  /** The table's part of its values' checksums. */
  readonly seed: number;
  /** Its values are rewritten ones, kept elsewhere: what stands here is the version of each (rewritten-values.ts). */
  readonly hasVersions: boolean;
}

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;
export const DEFAULT_MAX_TABLES = 32;
/** LMDB's MDB_CORRUPTED. */
const CORRUPTED = -30796;
/** Address space reserved at first; lmdb-js maps more when the file grows. */
const FIRST_MAP_BYTES = 256 * 1024 ** 2;

/**
 * Opens the environment of a directory with plain LMDB commits (data pages, fdatasync, meta page
 * written through): never noSync, and not lmdb-js' overlapping sync, whose promises resolve when a
 * commit is visible rather than when it is durable. Throws what LMDB and the file system throw.
 */
export function openEnvironment(path: string, maxTables: number): Root {
  checkDataFile(dataFile(path));
  const isNew = !existsSync(dataFile(path));
  const root = open<Buffer, Uint8Array>({
    ...BINARY,
    path,
    noSubdir: false,
    mapSize: FIRST_MAP_BYTES,
    maxDbs: maxTables + 1,
    overlappingSync: false,
  });
  // LMDB syncs the file; that there is a file stands in its directories.
  if (isNew) for (const directory of [path, dirname(path)]) syncDirectory(directory);
  return root;
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Opens every table that exists; reads of others need no handle. */
export function openTables(root: Root, failpoints: Failpoints | undefined): Map<string, OpenTable> {
  const tables = new Map<string, OpenTable>();
  for (const key of [...root.getKeys()]) {
    playFault(failpoints, 'store-open-table');
    // LMDB keeps the terminating zero of a C string; other names are none of ours.
    const name = fromUtf8(key.subarray(0, -1));
    const hasVersions = name?.endsWith(VERSION_SUFFIX) === true;
    const table = hasVersions ? name.slice(0, -VERSION_SUFFIX.length) : name;
    if (table === undefined || !isTableName(table))
      throw corrupt('it holds a table this program does not make');
    tables.set(table, openTable(root, table, hasVersions));
  }
  return tables;
}

/** The error LMDB would throw of what is not as it was written. */
export function corrupt(what: string): Error {
  return Object.assign(new Error(what), { code: CORRUPTED });
}

/** Opens a table, making it (one small durable transaction) where it does not exist. */
export function openTable(root: Root, table: string, hasVersions: boolean): OpenTable {
  const name = hasVersions ? table + VERSION_SUFFIX : table;
  return { database: root.openDB<Buffer, Uint8Array>(name, BINARY), seed: tableSeed(name), hasVersions };
}

export function dataFile(path: string): string {
  return join(path, 'data.mdb');
}

export function pageSizeOf(root: Root): number {
  return (root.getStats() as { pageSize: number }).pageSize;
}

/** The smallest key LMDB can hold; every key is at or above it. */
const FIRST_KEY = utf8('\0');

/**
 * The port's range in lmdb-js' options, which start a descending range at its upper end: inclusive
 * there, exclusive below, unless told. `undefined`: the range holds nothing whatever is stored.
 */
export function lmdbRange(range: Range): RangeOptions | undefined {
  if (range.to?.length === 0 || range.limit === 0) return undefined;
  const from = range.from === undefined || range.from.length === 0 ? FIRST_KEY : range.from;
  const options: Record<string, unknown> = range.limit === undefined ? {} : { limit: range.limit };
  if (range.reverse !== true) {
    options.start = from;
    if (range.to !== undefined) options.end = range.to;
    return options;
  }
  Object.assign(options, { reverse: true, end: from, inclusiveEnd: true });
  if (range.to !== undefined) Object.assign(options, { start: range.to, exclusiveStart: true });
  return options;
}

/** An environment and the tables it holds. */
export interface Environment {
  readonly root: Root;
  readonly tables: ReadonlyMap<string, OpenTable>;
}

export interface Entry {
  readonly database: Database<Buffer, Uint8Array>;
  readonly key: Uint8Array;
  /** undefined: it is removed. */
  readonly sealed: Buffer | undefined;
}

/** One durable transaction of these entries; `recorded` is called when LMDB has them all. Rejects with LMDB's reason. */
export async function transact(root: Root, entries: Iterable<Entry>, recorded?: () => void): Promise<void> {
  let seen: unknown;
  const done = root.batch(() => {
    for (const { database, key, sealed } of entries) {
      const part = sealed === undefined ? database.remove(key) : database.put(key, sealed);
      // Each write may return a promise of its own that fails with the batch's.
      if (part !== seen) part.catch(() => {});
      seen = part;
    }
    recorded?.();
  });
  try {
    await done;
  } catch (error) {
    // lmdb-js: the reason comes apart from the rejection.
    await (error as { commitError?: Promise<never> }).commitError;
    throw error;
  }
}

/** Passes a point that plays disk faults: throws as the operating system would. */
export function playFault(failpoints: Failpoints | undefined, name: FailpointName): void {
  const action = failpoints?.hit(name);
  if (action === 'eio' || action === 'enospc') throw playedError(action);
}
