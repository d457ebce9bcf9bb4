import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

/** LMDB's MDB_INVALID: "File is not an LMDB file". */
const INVALID = -30793;
const META_FLAG = 0x08;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const META_BYTES = 160;

/**
 * Looks at both meta pages of a data file before it is mapped, since LMDB follows what they say
 * without a check and a foreign or damaged file would end the process by a signal instead of a code.
 * A file shorter than its last page is covered with zeros up to it, which tree checks and checksums
 * then report (LMDB may leave the last pages unwritten while they are free: a short file is no proof
 * of damage). Absent or empty: a store to be made. Throws an error with LMDB's code for a bad file.
 */
export function checkDataFile(file: string): void {
  if (!existsSync(file)) return;
  const descriptor = openSync(file, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    if (size === 0) return;
    const first = readMeta(descriptor, 0);
    const second = readMeta(descriptor, first.pageSize);
    let last = 0n;
    for (const meta of [first, second]) {
      if (meta.lastPage > last) last = meta.lastPage;
      if (meta.pageSize !== first.pageSize) throw invalid('its meta pages disagree');
      for (const root of meta.roots) {
        if (root !== NO_PAGE && (root > meta.lastPage || root * BigInt(meta.pageSize) >= size)) {
          throw invalid('it is cut short');
        }
      }
    }
    const whole = (last + 1n) * BigInt(first.pageSize);
    if (whole > 2n ** 46n) throw invalid('its meta page is damaged');
    if (size < whole) ftruncateSync(descriptor, Number(whole));
  } finally {
    closeSync(descriptor);
  }
}

interface Meta {
  readonly pageSize: number;
  readonly lastPage: bigint;
  /** Root pages of the free list and of the table of tables. */
  readonly roots: readonly bigint[];
}

/** mdb.c: struct MDB_page, then struct MDB_meta at 24. */
function readMeta(descriptor: number, at: number): Meta {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(descriptor, bytes, 0, META_BYTES, at) < META_BYTES) throw invalid('it has no meta page');
  const isMeta = (bytes.readUInt16LE(18) & META_FLAG) !== 0 && bytes.readUInt32LE(24) === MAGIC;
  if (!isMeta || (bytes.readUInt32LE(28) & 0xffff) !== DATA_VERSION) throw invalid('it is not an LMDB file');
  const pageSize = bytes.readUInt32LE(48);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
    throw invalid('its meta page is damaged');
  }
  return {
    pageSize,
    lastPage: bytes.readBigUInt64LE(144),
    roots: [bytes.readBigUInt64LE(88), bytes.readBigUInt64LE(136)],
  };
}

function invalid(why: string): Error {
  return Object.assign(new Error(`the data file is damaged or foreign: ${why}`), { code: INVALID });
}
