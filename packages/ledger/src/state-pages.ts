import { equalBytes, readU32, writeU32 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { State } from './state.js';
import { packSheet, type StateSheet, sheetsOf } from './state-sheets.js';
import { PAGE_ROWS, SHEET_PAGES } from './tables/table.js';

/** Gives back the pages that save() gave out in sheets; `undefined` where there is none. */
export type PageReader = (table: string, page: number) => Uint8Array | undefined;

/** The page that names the network, the chain's row and every table's row count; written by each save. */
export const META_TABLE = 'meta';
const FORMAT = 2;
/** Before the rows of a page: the low 32 bits of the round in which it was saved. */
const MARK_BYTES = 4;

/**
 * The sheets with pages that changed since the last save, then the meta page. Take them all before the next round:
 * they are read from the live tables. Written together (one commit) they are a whole state. Each page bears
 * the round in which it was saved and the meta page lists these rounds, so that an old page in place of one
 * whose write was lost is found.
 */
export function* saveState(state: State): Generator<StateSheet> {
  const { round } = state.chain;
  for (const table of state.tables) {
    for (let sheet = 0; sheet < table.sheets; sheet++) {
      if (table.takeUnsaved(sheet, round)) yield { table: table.name, sheet, bytes: packed(table, sheet) };
    }
  }
  yield* sheetsOf([{ table: META_TABLE, page: 0, bytes: packMeta(state) }]);
}

function packed(table: State['tables'][number], sheet: number): Uint8Array {
  const first = sheet * SHEET_PAGES;
  const count = Math.min(SHEET_PAGES, table.pages - first);
  const lengths = Array.from({ length: count }, (_, i) => MARK_BYTES + table.pageBytes(first + i));
  return packSheet(lengths, (i, out, at) => {
    writeU32(out, at, table.savedIn(first + i));
    table.packPage(first + i, out, at + MARK_BYTES);
  });
}

/** A page as it is kept: low 32 bits of the round in which it was saved, then its rows. */
export function markedPage(rows: Uint8Array, mark: number): Uint8Array {
  const bytes = new Uint8Array(MARK_BYTES + rows.length);
  writeU32(bytes, 0, mark);
  bytes.set(rows, MARK_BYTES);
  return bytes;
}

/** The rows of a page as it is kept; undefined where it was saved in another round than `mark`. */
export function pageRows(kept: Uint8Array, mark: number): Uint8Array | undefined {
  return kept.length >= MARK_BYTES && readU32(kept, 0) === mark ? kept.subarray(MARK_BYTES) : undefined;
}

/** What the meta page says. */
export interface StateMeta {
  readonly network: Uint8Array;
  /** Rows of each table, in the tables' order. */
  readonly rows: readonly number[];
  /** The chain's row. */
  readonly chain: Uint8Array;
  /** Low 32 bits of the round in which each page was saved: table after table. */
  readonly marks: Uint32Array;
}

function packMeta(state: State): Uint8Array {
  const { chain, tables, network } = state;
  const chainRow = new Uint8Array(chain.rowBytes);
  chain.packRow(0, chainRow, 0);
  const marks = tables.flatMap((table) =>
    Array.from({ length: table.pages }, (_, page) => table.savedIn(page)),
  );
  const rows = tables.map((table) => table.rows);
  return encodeMeta({ network, rows, chain: chainRow, marks: Uint32Array.from(marks) });
}

/** Format, network, rows of each table, the chain's row, then the rounds of all pages. */
export function encodeMeta({ network, rows, chain, marks }: StateMeta): Uint8Array {
  const chainAt = 36 + 4 * rows.length;
  const marksAt = chainAt + chain.length;
  const out = new Uint8Array(marksAt + MARK_BYTES * marks.length);
  writeU32(out, 0, FORMAT);
  out.set(network, 4);
  for (const [i, count] of rows.entries()) writeU32(out, 36 + 4 * i, count);
  out.set(chain, chainAt);
  for (const [i, mark] of marks.entries()) writeU32(out, marksAt + MARK_BYTES * i, mark);
  return out;
}

/** A meta page of so many tables. Errors: `snapshot-malformed`, `snapshot-network`. */
export function readMeta(
  meta: Uint8Array,
  network: Uint8Array,
  tables: number,
  chainBytes: number,
): Result<StateMeta> {
  const chainAt = 36 + 4 * tables;
  const marksAt = chainAt + chainBytes;
  if (meta.length < marksAt || readU32(meta, 0) !== FORMAT) return malformed();
  if (!equalBytes(meta.subarray(4, 36), network)) {
    return fail('snapshot-network', 'The snapshot belongs to another network.');
  }
  const rows = Array.from({ length: tables }, (_, i) => readU32(meta, 36 + 4 * i));
  const pages = rows.reduce((sum, count) => sum + Math.ceil(count / PAGE_ROWS), 0);
  if (meta.length !== marksAt + MARK_BYTES * pages) return malformed();
  const marks = Uint32Array.from({ length: pages }, (_, i) => readU32(meta, marksAt + MARK_BYTES * i));
  return ok({ network, rows, chain: meta.slice(chainAt, marksAt), marks });
}

/**
 * Fills a new state from saved pages. Bit flips inside pages are the store's to detect (checksums).
 * Errors: `snapshot-missing` (a page), `snapshot-stale` (a page is older than the snapshot),
 * `snapshot-malformed`, `snapshot-network`.
 */
export function loadPages(state: State, reader: PageReader): Result<void> {
  const { chain, tables } = state;
  const meta = reader(META_TABLE, 0);
  if (meta === undefined) return fail('snapshot-missing', 'The snapshot has no meta page.');
  const read = readMeta(meta, state.network, tables.length, chain.rowBytes);
  if (!read.ok) return read;
  const { rows, marks } = read.value;
  let first = 0;
  for (const [i, table] of tables.entries()) {
    const at = first;
    const loaded = loadTable(table, rows[i]!, reader, (page) => marks[at + page]!);
    if (!loaded.ok) return loaded;
    first += table.pages;
  }
  chain.loadPage(0, 1, read.value.chain);
  for (const table of [...tables, chain]) table.endRound();
  return ok(undefined);
}

function malformed(): Result<never> {
  return fail('snapshot-malformed', 'The snapshot was made by another version: replay the rounds instead.');
}

function loadTable(
  table: State['tables'][number],
  rows: number,
  reader: PageReader,
  markOf: (page: number) => number,
): Result<void> {
  table.reserve(rows);
  for (let page = 0; page * PAGE_ROWS < rows; page++) {
    const bytes = reader(table.name, page);
    const place = { table: table.name, page };
    if (bytes === undefined) {
      return fail('snapshot-missing', `The snapshot lacks page ${page} of ${table.name}.`, place);
    }
    const mark = markOf(page);
    if (bytes.length >= MARK_BYTES && readU32(bytes, 0) !== mark) {
      return fail(
        'snapshot-stale',
        `Page ${page} of ${table.name} is older than the snapshot: the disk has lost a write. Restore a backup.`,
        place,
      );
    }
    const count = Math.min(PAGE_ROWS, rows - page * PAGE_ROWS);
    if (bytes.length < MARK_BYTES || !table.loadPage(page, count, bytes.subarray(MARK_BYTES), mark)) {
      return fail('snapshot-malformed', `Page ${page} of ${table.name} has a wrong length.`, place);
    }
  }
  table.finishLoad(rows);
  return ok(undefined);
}
