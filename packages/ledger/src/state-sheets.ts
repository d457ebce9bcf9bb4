import { readU32, writeU32 } from '@iotw/kernel/bytes';
import { valueToGive } from '@iotw/kernel/ports/store';
import { SHEET_PAGES } from './tables/table.js';

/**
 * Pages of one table side by side, as they are saved: eight lengths u32, 0 for no page, then the pages. A store keeps
 * account of each piece of its file that it may write again; a state in pieces of 16 KiB left it thousands after every save, and each
 * commit paid for them.
 */
export interface StateSheet {
  readonly table: string;
  /** Its first page is this times SHEET_PAGES. */
  readonly sheet: number;
  /** May be given to a store. */
  readonly bytes: Uint8Array;
}

const HEAD_BYTES = 4 * SHEET_PAGES;

/** A sheet of pages of these lengths; `fill` writes page `i` into the sheet at `at`. */
export function packSheet(
  lengths: readonly number[],
  fill: (i: number, sheet: Uint8Array, at: number) => void,
): Uint8Array {
  const sheet = valueToGive(lengths.reduce((sum, length) => sum + length, HEAD_BYTES));
  let at = HEAD_BYTES;
  for (const [i, length] of lengths.entries()) {
    writeU32(sheet, 4 * i, length);
    fill(i, sheet, at);
    at += length;
  }
  return sheet;
}

/** Page `i` of a sheet, a view; undefined where it has none or is cut short. */
export function pageOfSheet(sheet: Uint8Array, i: number): Uint8Array | undefined {
  if (sheet.length < HEAD_BYTES) return undefined;
  let at = HEAD_BYTES;
  for (let before = 0; before < i; before++) at += readU32(sheet, 4 * before);
  const length = readU32(sheet, 4 * i);
  return length > 0 && at + length <= sheet.length ? sheet.subarray(at, at + length) : undefined;
}

/** Where a page lies. */
export function sheetOf(page: number): { readonly sheet: number; readonly place: number } {
  const sheet = Math.floor(page / SHEET_PAGES);
  return { sheet, place: page - sheet * SHEET_PAGES };
}

/** A page as it is to be saved, mark and rows. */
export interface StatePage {
  readonly table: string;
  readonly page: number;
  readonly bytes: Uint8Array;
}

/** The sheets of pages that come in their order, all of each sheet. */
export function* sheetsOf(pages: Iterable<StatePage>): Generator<StateSheet> {
  let gathered: StatePage[] = [];
  for (const page of pages) {
    const first = gathered[0];
    if (
      first !== undefined &&
      (first.table !== page.table || sheetOf(first.page).sheet !== sheetOf(page.page).sheet)
    ) {
      yield sheetOfPages(gathered);
      gathered = [];
    }
    gathered.push(page);
  }
  if (gathered.length > 0) yield sheetOfPages(gathered);
}

function sheetOfPages(pages: readonly StatePage[]): StateSheet {
  const { table, page } = pages[0]!;
  const lengths = pages.map(({ bytes }) => bytes.length);
  const bytes = packSheet(lengths, (i, sheet, at) => sheet.set(pages[i]!.bytes, at));
  return { table, sheet: sheetOf(page).sheet, bytes };
}
