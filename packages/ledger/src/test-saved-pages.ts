import type { PageReader } from './state-pages.js';
import { pageOfSheet, type StateSheet } from './state-sheets.js';
import { SHEET_PAGES } from './tables/table.js';

/** What was saved, page by page, under `table/page`. */
export class SavedPages {
  readonly held = new Map<string, Uint8Array>();

  constructor(saved: Iterable<StateSheet> = []) {
    this.take(saved);
  }

  readonly read: PageReader = (table, page) => this.held.get(`${table}/${page}`);

  /** Takes the pages of the sheets and gives how many there were. */
  take(saved: Iterable<StateSheet>): number {
    let count = 0;
    for (const { table, sheet, bytes } of saved) {
      for (let place = 0; place < SHEET_PAGES; place++) {
        const page = pageOfSheet(bytes, place);
        if (page === undefined) break;
        this.held.set(`${table}/${sheet * SHEET_PAGES + place}`, page);
        count++;
      }
    }
    return count;
  }
}
