import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { assert } from '@iotw/kernel/assert';
import { fail, ok, type Result } from '@iotw/kernel/result';
import {
  LENGTH_BYTES,
  type LedgerFileHead,
  LedgerFileHeadType,
  MAGIC,
  MAX_RECORD_BYTES,
  VERSION,
} from '@iotw/nodes/ledger-server/ledger-file';
import { encodeRound, type RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import type { FileState } from './file-state.js';

/** Bytes gathered before they are given to the disk. */
const GATHER_BYTES = 1_048_576;

/**
 * Writes a ledger's file beside its place and moves it there when it is whole and durable: there is all of it or nothing.
 * A kill leaves `path.partial`, which the next run writes over. `rounds` and `state`, which stands before
 * them, may fail on the way.
 * Errors: `export-exists`, `file-unwritable`, and those of `rounds` and `state`.
 */
export async function writeLedgerFile(
  path: string,
  head: LedgerFileHead,
  rounds: Iterable<Result<RoundRecord>>,
  state?: FileState,
): Promise<Result<{ bytes: number }>> {
  if (existsSync(path)) {
    return fail('export-exists', `${path} is there already: choose another --out. Nothing was overwritten.`, {
      path,
    });
  }
  const partial = `${path}.partial`;
  let handle: FileHandle | undefined;
  let whole = false;
  try {
    await mkdir(dirname(path), { recursive: true });
    handle = await open(partial, 'w', 0o600);
    const out = new Gathering(handle);
    out.take(MAGIC);
    out.number(VERSION);
    out.record(LedgerFileHeadType.serialize(head));
    if (state !== undefined) out.record(state.metadata);
    for (const chunk of state?.chunks ?? []) {
      if (!chunk.ok) return chunk;
      out.record(chunk.value);
      if (out.full) await out.flush();
    }
    for (const round of rounds) {
      if (!round.ok) return round;
      out.record(encodeRound(round.value));
      if (out.full) await out.flush();
    }
    out.number(0);
    await out.end();
    await handle.sync();
    await rename(partial, path);
    whole = true;
    await syncDirectory(dirname(path));
    return ok({ bytes: out.bytes });
  } catch (error) {
    return unwritable(path, error);
  } finally {
    await handle?.close();
    if (handle !== undefined && !whole) await rm(partial, { force: true });
  }
}

function unwritable(path: string, error: unknown): Result<never> {
  const { code } = error as NodeJS.ErrnoException;
  // What a store throws, and bugs, are not the file's.
  if (code === undefined || code.startsWith('store-')) throw error;
  return fail('file-unwritable', `${path} can't be written (${code}): check path, rights and free space.`, {
    path,
  });
}

/** Makes a rename durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Gathers small pieces and hashes them on their way to the file. */
class Gathering {
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  #pieces: Uint8Array[] = [];
  #gathered = 0;
  bytes = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  get full(): boolean {
    return this.#gathered >= GATHER_BYTES;
  }

  take(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#gathered += piece.length;
  }

  number(value: number): void {
    const bytes = Buffer.alloc(LENGTH_BYTES);
    bytes.writeUInt32LE(value);
    this.take(bytes);
  }

  record(bytes: Uint8Array): void {
    assert(bytes.length > 0 && bytes.length <= MAX_RECORD_BYTES, `a record has ${bytes.length} bytes`);
    this.number(bytes.length);
    this.take(bytes);
  }

  async flush(): Promise<void> {
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#gathered = 0;
    this.bytes += all.length;
    this.#hash.update(all);
    await this.#handle.writeFile(all);
  }

  /** The last pieces, then the hash of everything. */
  async end(): Promise<void> {
    await this.flush();
    const hash = this.#hash.digest();
    this.bytes += hash.length;
    await this.#handle.writeFile(hash);
  }
}
