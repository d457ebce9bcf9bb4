import { join } from 'node:path';
import { fromUtf8, utf8 } from '@iotw/kernel/bytes';
import type { Range } from '@iotw/kernel/ports/store';
import { type Database, open, type RangeOptions, type RootDatabase } from 'lmdb';
import type { FailpointName } from '../failpoints/failpoint-names.js';
import type { Failpoints } from '../failpoints/failpoints.js';
import { tableSeed } from './checksum.js';
import { checkDataFile } from './data-file-check.js';
import { playedError } from './lmdb-faults.js';
import { isTableName } from './write-rules.js';

export type Root = RootDatabase<Buffer, Uint8Array>;

export interface OpenTable {
  readonly database: Database<Buffer, Uint8Array>;
  /** The table's part of its values' checksums. */
  readonly seed: number;
}

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;
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
  return open<Buffer, Uint8Array>({
    ...BINARY,
    path,
    noSubdir: false,
    mapSize: FIRST_MAP_BYTES,
    maxDbs: maxTables + 1,
    overlappingSync: false,
  });
}

/** Opens every table that exists; reads of others need no handle. */
export function openTables(root: Root, failpoints: Failpoints | undefined): Map<string, OpenTable> {
  const tables = new Map<string, OpenTable>();
  for (const key of [...root.getKeys()]) {
    playFault(failpoints, 'store-open-table');
    // LMDB keeps the terminating zero of a C string; other names are none of ours.
    const name = fromUtf8(key.subarray(0, -1));
    if (name === undefined || !isTableName(name)) throw foreignTable();
    tables.set(name, openTable(root, name));
  }
  return tables;
}

function foreignTable(): Error {
  return Object.assign(new Error('it holds a table this program does not make'), { code: CORRUPTED });
}

/** Opens a table, making it (one small durable transaction) where it does not exist. */
export function openTable(root: Root, name: string): OpenTable {
  return { database: root.openDB<Buffer, Uint8Array>(name, BINARY), seed: tableSeed(name) };
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

/** Passes a point that plays disk faults: throws as the operating system would. */
export function playFault(failpoints: Failpoints | undefined, name: FailpointName): void {
  const action = failpoints?.hit(name);
  if (action === 'eio' || action === 'enospc') throw playedError(action);
}
