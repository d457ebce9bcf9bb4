import type { Write } from '@iotw/kernel/ports/store';
import { SEAL_BYTES, seal, sealInPlace, tableSeed } from './checksum.js';
import type { OpenTable } from './lmdb-environment.js';
import { VERSION_BYTES, type VersionedValue, versionBytes } from './rewritten-values.js';
import { VERSION_SUFFIX } from './write-rules.js';

/** A write as LMDB takes it. */
export interface PreparedWrite {
  readonly table: string;
  readonly key: Uint8Array;
  /** undefined: a delete. Of a rewritten value it is the version. */
  readonly sealed: Buffer | undefined;
  readonly versioned: VersionedValue | undefined;
}

/** Bytes of memory that `prepareWrites` takes for this one. */
export function preparedBytes(write: Write): number {
  if (write.value === undefined) return write.key.length;
  const versioned = write.rewritten === true ? 2 * VERSION_BYTES + SEAL_BYTES : 0;
  return write.key.length + versioned + (write.given === true ? 0 : write.value.length + SEAL_BYTES);
}

/**
 * Copies the writes, values sealed, into `memory`: the caller may reuse its bytes at once. What is given is sealed where it
 * lies. `version` numbers the rewritten values.
 */
export function prepareWrites(
  writes: readonly Write[],
  tables: ReadonlyMap<string, OpenTable>,
  version: () => number,
  memory: ArrayBuffer,
): PreparedWrite[] {
  const buffer = Buffer.from(memory);
  let at = 0;
  const copied = (from: Uint8Array): Buffer => {
    buffer.set(from, at);
    at += from.length;
    return buffer.subarray(at - from.length, at);
  };
  const sealed = (seed: number, key: Uint8Array, value: Uint8Array): Buffer => {
    const copy = seal(seed, key, value, buffer, at);
    at += copy.length;
    return copy;
  };
  return writes.map((write): PreparedWrite => {
    const { table, value } = write;
    const key = copied(write.key);
    if (value === undefined) return { table, key, sealed: undefined, versioned: undefined };
    const put = (seed: number, under: Uint8Array): Buffer =>
      write.given === true ? sealInPlace(seed, under, value) : sealed(seed, under, value);
    const known = tables.get(table)?.seed;
    if (write.rewritten !== true)
      return { table, key, sealed: put(known ?? tableSeed(table), key), versioned: undefined };
    const number = copied(versionBytes(version()));
    const under = buffer.subarray(at - number.length - key.length, at);
    const versioned = { key: under, sealed: put(tableSeed(table), under) };
    return { table, key, sealed: sealed(known ?? tableSeed(table + VERSION_SUFFIX), key, number), versioned };
  });
}
