import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Failpoints } from '../failpoints/failpoints.js';
import { unseal } from './checksum.js';
import {
  corrupt,
  dataFile,
  type Entry,
  type Environment,
  type OpenTable,
  openEnvironment,
  openTable,
  openTables,
  type Root,
  transact,
} from './lmdb-environment.js';

/** Bytes of a version: the number of the write, big-endian. */
export const VERSION_BYTES = 6;

/** A value as it lies apart: under its key and, behind it, its version. */
export interface VersionedValue {
  readonly key: Uint8Array;
  readonly sealed: Buffer;
}

/** A write of a group, as far as it matters here. */
interface GroupWrite {
  readonly table: string;
  readonly key: Uint8Array;
  /** undefined: not a rewritten value, or a delete. */
  readonly versioned: VersionedValue | undefined;
}

export interface Place {
  readonly table: string;
  readonly key: Uint8Array;
}

/**
 * The rewritten values of a store (kernel/ports/store), in an LMDB environment of their own below it, so that the room each
 * save of them frees is not taken up by values that stay (ADR 30). The store's environment has the version of each: a value is
 * durable here first, under its key and a new version, and counts from the commit that names that version; the one before is
 * removed behind that commit.
 */
export class RewrittenValues {
  readonly #path: string;
  readonly #tables = new Map<string, OpenTable>();
  #root: Root | undefined;
  #version = 0;
  #unnamed: Place[] = [];
  #iterations = 0;

  constructor(
    path: string,
    private readonly maxTables: number,
    private readonly failpoints: Failpoints | undefined,
  ) {
    this.#path = rewrittenPath(path);
  }

  /**
   * Opens what there is, and notes what no version names: a commit that was not completed left it. Throws what
   * openEnvironment throws, and the error of `store-corrupt` where a version names no value.
   */
  open(tables: ReadonlyMap<string, OpenTable>): void {
    const named = new Map([...tables].flatMap(([name, table]) => this.#named(name, table)));
    const holds = existsSync(dataFile(this.#path));
    if (named.size === 0) {
      // The versions' table is durable before the first value is written: without one this is not what it belongs to.
      if (holds && ![...tables.values()].some(({ hasVersions }) => hasVersions))
        throw corrupt(
          `${this.#path} holds values that nothing names, so ${dataFile('.')} is not the one they belong to`,
        );
      // Nothing counts of what is there, and a power cut may have damaged it: in the very first commit.
      rmSync(this.#path, { recursive: true, force: true });
      return;
    }
    if (holds) {
      this.#root = openEnvironment(this.#path, this.maxTables);
      for (const [name, table] of openTables(this.#root, this.failpoints)) this.#tables.set(name, table);
    }
    for (const [name, { database }] of this.#tables) {
      for (const key of database.getKeys({})) {
        // No version is given again, that of a left-over value neither.
        this.#version = Math.max(this.#version, versionOf(key));
        const isNamed = named.get(name)?.delete(textOf(key));
        if (isNamed !== true) this.#unnamed.push({ table: name, key: Uint8Array.from(key) });
      }
    }
    for (const [name, keys] of named)
      if (keys.size > 0) throw corrupt(`${keys.size} values of table ${name} are missing`);
  }

  /** What the versions of a table name; nothing where there are none. */
  #named(name: string, table: OpenTable): [string, Set<string>][] {
    if (!table.hasVersions) return [];
    const keys = new Set<string>();
    for (const { key, value } of table.database.getRange({})) {
      const version = unseal(table.seed, key, value);
      if (version === undefined) throw corrupt(`the version of a value of table ${name} has a bad checksum`);
      keys.add(textOf(versionedKey(key, version)));
    }
    return keys.size === 0 ? [] : [[name, keys]];
  }

  /** For one value. */
  nextVersion(): number {
    this.#version += 1;
    return this.#version;
  }

  /**
   * The value; undefined where it is missing or damaged. Whoever has read a version finds its value: lmdb-js gives up what it
   * reads from when a commit of the environment resolves, so a version that can be read was named after this environment showed
   * its value, and one that was read in this turn has not been removed yet.
   */
  get(name: string, key: Uint8Array, version: Uint8Array): Uint8Array | undefined {
    const table = this.#tables.get(name);
    const at = versionedKey(key, version);
    const sealed = table?.database.getBinaryFast(at);
    return table === undefined || sealed === undefined ? undefined : unseal(table.seed, at, sealed);
  }

  /** Nothing is removed until `release`: an iteration goes by the versions of the moment it began. */
  hold(): void {
    this.#iterations += 1;
  }

  release(): void {
    this.#iterations -= 1;
  }

  /** Makes the values of a group durable, ahead of the commit that names them. */
  async write(writes: readonly GroupWrite[]): Promise<void> {
    this.#root ??= openEnvironment(this.#path, this.maxTables);
    const entries: Entry[] = [];
    for (const { table, versioned } of writes)
      if (versioned !== undefined) entries.push(this.#entry(table, versioned.key, versioned.sealed));
    await transact(this.#root, entries);
  }

  /** What these writes will supersede; to be given to `remove` when they are durable. */
  supersededBy(writes: readonly GroupWrite[], tables: ReadonlyMap<string, OpenTable>): Place[] {
    const places: Place[] = [];
    const newest = new Map<string, Uint8Array | undefined>();
    for (const { table: name, key, versioned } of writes) {
      const table = tables.get(name);
      if (table?.hasVersions !== true) continue;
      const id = `${name} ${textOf(key)}`;
      const before = newest.has(id) ? newest.get(id) : storedPlace(table, key);
      if (before !== undefined) places.push({ table: name, key: before });
      newest.set(id, versioned === undefined ? undefined : Uint8Array.from(versioned.key));
    }
    return places;
  }

  /** Removes what no version names any more, durably. */
  async remove(superseded: readonly Place[]): Promise<void> {
    for (const place of superseded) this.#unnamed.push(place);
    if (this.#unnamed.length === 0 || this.#iterations > 0) return;
    const removed = this.#unnamed.splice(0);
    await transact(
      this.#root!,
      removed.map(({ table, key }) => this.#entry(table, key, undefined)),
    );
  }

  /** What the size limit counts; none before the first value. */
  environments(): readonly Environment[] {
    return this.#root === undefined ? [] : [{ root: this.#root, tables: this.#tables }];
  }

  /** The file that a power cut would tear. */
  get file(): string {
    return dataFile(this.#path);
  }

  async close(): Promise<void> {
    await this.#root?.close();
  }

  #entry(name: string, key: Uint8Array, sealed: Buffer | undefined): Entry {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = openTable(this.#root!, name, false);
      this.#tables.set(name, table);
    }
    return { database: table.database, key, sealed };
  }
}

export function versionBytes(version: number): Buffer {
  const bytes = Buffer.alloc(VERSION_BYTES);
  bytes.writeUIntBE(version, 0, VERSION_BYTES);
  return bytes;
}

/** The version at the end of a value's key. */
function versionOf(key: Uint8Array): number {
  return Buffer.from(key.subarray(-VERSION_BYTES)).readUIntBE(0, VERSION_BYTES);
}

/** Where the rewritten values of the store at `path` lie. */
export function rewrittenPath(path: string): string {
  return join(path, 'rewritten');
}

function versionedKey(key: Uint8Array, version: Uint8Array): Uint8Array {
  const at = new Uint8Array(key.length + VERSION_BYTES);
  at.set(key);
  at.set(version, key.length);
  return at;
}

function storedPlace(table: OpenTable, key: Uint8Array): Uint8Array | undefined {
  const sealed = table.database.getBinaryFast(key);
  const version = sealed === undefined ? undefined : unseal(table.seed, key, sealed);
  return version === undefined ? undefined : versionedKey(key, version);
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
