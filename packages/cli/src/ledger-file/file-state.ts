import { concatBytes } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import type { PageReader } from '@iotw/ledger/state-pages';
import type { StateShape } from '@iotw/ledger/state-shape';
import {
  offerOf,
  readMetadata,
  type SnapshotMetadata,
  type SnapshotOffer,
} from '@iotw/nodes/state-sync/snapshot';
import { chunksOf } from '@iotw/nodes/state-sync/snapshot-chunks';

/** A state as it stands in a ledger's file: a snapshot's metadata, then its chunks. */
export interface FileState {
  readonly metadata: Uint8Array;
  /** Each is read when it is asked for. */
  readonly chunks: Iterable<Result<Uint8Array>>;
}

/** The stored state, read twice: for the hashes of its chunks, and when it is written. Errors: those of chunksOf. */
export function fileState(
  shape: StateShape,
  reader: PageReader,
  of: Pick<SnapshotMetadata, 'network' | 'header' | 'stateBefore'>,
): Result<FileState> {
  const state = chunksOf(shape, reader);
  if (!state.ok) return state;
  const chunks = { [Symbol.iterator]: () => wholeChunks(state.value.parts) };
  const hashes: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (!chunk.ok) return chunk;
    hashes.push(sha256(chunk.value));
  }
  const metadata = { ...of, rows: [...state.value.rows], chunks: concatBytes(...hashes) };
  return ok({ metadata: offerOf(0, metadata).metadata, chunks });
}

type Parts = Extract<ReturnType<typeof chunksOf>, { ok: true }>['value']['parts'];

function* wholeChunks(parts: Parts): Generator<Result<Uint8Array>> {
  let rows: Uint8Array[] = [];
  for (const part of parts) {
    if (!part.ok) {
      yield part;
      return;
    }
    rows.push(part.value.rows);
    if (!part.value.ends) continue;
    yield ok(concatBytes(...rows));
    rows = [];
  }
}

/** What a file's metadata offer. Errors: `state-sync-metadata`. */
export function offerIn(
  metadata: Uint8Array,
): Result<{ offer: SnapshotOffer; header: SnapshotMetadata['header'] }> {
  const read = readMetadata({ metadata, hash: sha256(metadata) });
  return read.ok ? ok({ offer: offerOf(0, read.value), header: read.value.header }) : read;
}
