import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { concatBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import {
  MAX_METADATA_BYTES,
  offerOf,
  readMetadata,
  type SnapshotMetadata,
  type SnapshotOffer,
} from '@iotw/nodes/state-sync/snapshot';
import type { ChunkedState } from '@iotw/nodes/state-sync/snapshot-chunks';

/** What is read and hashed of a state before others have their turn. */
const TURN_BYTES = 262_144;
const METADATA = 'metadata';
const UNFINISHED = 'unfinished';

interface Kept {
  readonly offer: SnapshotOffer;
  /** Agreed time of its round, ms. */
  readonly timeMs: number;
}

/** Snapshots that this server gives out: a folder each, named by the height, with a file for each chunk. */
export class SnapshotFiles {
  readonly #folder: string;
  readonly #keep: number;
  /** Newest first. */
  #kept: Kept[];

  private constructor(folder: string, keep: number, kept: Kept[]) {
    this.#folder = folder;
    this.#keep = keep;
    this.#kept = kept;
  }

  /**
   * `keep`: the newest that stay, at least 1. What a crash left unfinished, and what can't be read, is removed.
   * Errors: `state-sync-files`.
   */
  static async open(folder: string, keep: number): Promise<Result<SnapshotFiles>> {
    try {
      await mkdir(folder, { recursive: true });
      const kept: Kept[] = [];
      for (const name of await readdir(folder)) {
        const one = await readKept(folder, name);
        if (one === undefined) await rm(join(folder, name), { recursive: true, force: true });
        else kept.push(one);
      }
      kept.sort((a, b) => b.offer.height - a.offer.height);
      const files = new SnapshotFiles(folder, keep, kept);
      await files.#prune();
      return ok(files);
    } catch (error) {
      return failed(folder, error);
    }
  }

  /** Newest first. */
  list(): readonly SnapshotOffer[] {
    return this.#kept.map(({ offer }) => offer);
  }

  /** Agreed time of the newest one's round, ms; 0 where there is none. */
  get newestMs(): number {
    return this.#kept[0]?.timeMs ?? 0;
  }

  /** undefined: there is no such chunk, or not any more. */
  async chunk(height: number, format: number, index: number): Promise<Uint8Array | undefined> {
    const kept = this.#kept.find(({ offer }) => offer.height === height && offer.format === format);
    if (kept === undefined || index >= kept.offer.chunks) return undefined;
    return readFile(join(this.#folder, String(height), String(index))).catch(() => undefined);
  }

  /**
   * Writes the state that the round left and drops the oldest. Errors: `state-sync-files`, those of the state's parts. What was
   * written until then is removed.
   */
  async make(
    height: number,
    of: Pick<SnapshotMetadata, 'network' | 'header' | 'stateBefore'>,
    state: ChunkedState,
  ): Promise<Result<void>> {
    const folder = join(this.#folder, UNFINISHED);
    try {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      const hashes = await writeChunks(folder, state);
      if (!hashes.ok) {
        await rm(folder, { recursive: true, force: true });
        return hashes;
      }
      const offer = offerOf(height, { ...of, rows: [...state.rows], chunks: hashes.value });
      await writeDurably(join(folder, METADATA), [offer.metadata]);
      await rm(join(this.#folder, String(height)), { recursive: true, force: true });
      await rename(folder, join(this.#folder, String(height)));
      this.#kept = [
        { offer, timeMs: of.header.timeMs },
        ...this.#kept.filter((one) => one.offer.height !== height),
      ];
      await this.#prune();
      return ok(undefined);
    } catch (error) {
      await rm(folder, { recursive: true, force: true }).catch(() => {});
      return failed(this.#folder, error);
    }
  }

  async #prune(): Promise<void> {
    for (const { offer } of this.#kept.splice(this.#keep))
      await rm(join(this.#folder, String(offer.height)), { recursive: true, force: true });
  }
}

function failed(folder: string, error: unknown): Result<never> {
  return fail('state-sync-files', `Snapshots can't be kept in ${folder}: ${(error as Error).message}.`, {
    folder,
  });
}

async function readKept(folder: string, name: string): Promise<Kept | undefined> {
  const height = Number(name);
  if (!Number.isSafeInteger(height) || height <= 0 || String(height) !== name) return undefined;
  const metadata = await readFile(join(folder, name, METADATA)).catch(() => undefined);
  if (metadata === undefined || metadata.length > MAX_METADATA_BYTES) return undefined;
  const read = readMetadata({ metadata, hash: sha256(metadata) });
  return read.ok ? { offer: offerOf(height, read.value), timeMs: read.value.header.timeMs } : undefined;
}

/** A file for each chunk; their hashes, one after another. */
async function writeChunks(folder: string, { parts }: ChunkedState): Promise<Result<Uint8Array>> {
  const hashes: Uint8Array[] = [];
  let chunk: Uint8Array[] = [];
  let hash = createHash('sha256');
  let since = 0;
  for (const part of parts) {
    if (!part.ok) return part;
    const { rows, ends } = part.value;
    chunk.push(rows);
    hash.update(rows);
    since += rows.length;
    if (ends) {
      await writeDurably(join(folder, String(hashes.length)), chunk);
      hashes.push(hash.digest());
      chunk = [];
      hash = createHash('sha256');
    } else if (since >= TURN_BYTES) await nextTurn();
    if (since >= TURN_BYTES) since = 0;
  }
  return ok(concatBytes(...hashes));
}

async function writeDurably(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writev(parts);
    await file.sync();
  } finally {
    await file.close();
  }
}
