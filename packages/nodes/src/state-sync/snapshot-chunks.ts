import { fail, ok, type Result } from '@iotw/kernel/result';
import { META_TABLE, type PageReader, pageRows, readMeta } from '@iotw/ledger/state-pages';
import type { PagePlace, StateShape } from '@iotw/ledger/state-shape';
import { chunkPlan } from './snapshot.js';

/** The rows of one page, and which chunk they belong to. */
export interface ChunkPart {
  readonly rows: Uint8Array;
  readonly chunk: number;
  /** It is the last of its chunk. */
  readonly ends: boolean;
}

/** A stored state that is cut into chunks. */
export interface ChunkedState {
  /** Rows of each table. */
  readonly rows: readonly number[];
  /** In order; each page is read when it is asked for. Errors: `state-sync-moved`. */
  readonly parts: Iterable<Result<ChunkPart>>;
}

/**
 * The stored state in chunks, which hold rows alone: equal on every server with that state. It may be read on while the node
 * goes on: where the next epoch's state has taken the place of a page, that is said and the snapshot is given up.
 * Errors: `state-sync-size`, `state-sync-moved` (there is no state on disk), those of readMeta.
 */
export function chunksOf(shape: StateShape, reader: PageReader): Result<ChunkedState> {
  const bytes = reader(META_TABLE, 0);
  if (bytes === undefined) return moved();
  const meta = readMeta(bytes, shape.network, shape.tables.length, shape.chainBytes);
  if (!meta.ok) return meta;
  const plan = chunkPlan(shape, meta.value.rows);
  if (!plan.ok) return plan;
  const parts = () => partsOf(shape, reader, plan.value, meta.value.marks);
  return ok({ rows: meta.value.rows, parts: { [Symbol.iterator]: parts } });
}

function* partsOf(
  shape: StateShape,
  reader: PageReader,
  plan: readonly PagePlace[][],
  marks: Uint32Array,
): Generator<Result<ChunkPart>> {
  let at = 0;
  for (const [chunk, places] of plan.entries()) {
    for (const [i, { table, page, bytes }] of places.entries()) {
      const kept = reader(shape.tables[table]!.name, page);
      const rows = kept === undefined ? undefined : pageRows(kept, marks[at++]!);
      if (rows?.length !== bytes) {
        yield moved();
        return;
      }
      yield ok({ rows, chunk, ends: i === places.length - 1 });
    }
  }
}

function moved(): Result<never> {
  return fail(
    'state-sync-moved',
    'The stored state has changed while it was read: the next epoch makes a snapshot.',
  );
}
