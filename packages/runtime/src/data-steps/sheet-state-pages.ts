import { concatBytes, fromUtf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { ok, type Result } from '@iotw/kernel/result';
import { type StatePage, sheetOf, sheetsOf } from '@iotw/ledger/state-sheets';
import { sheetWrite } from '@iotw/nodes/ledger-server/restore';
import type { FormatStep } from './format-step.js';

/** Where format 2 had the pages of the state, one under each key: the table's name, a zero byte, the page big-endian. */
const PAGE_TABLE = 'state';
const NUMBER_BYTES = 4;
/** Pages of one commit, which ends with a whole sheet. */
const COMMIT_PAGES = 256;

/** Format 2 to 3: pages of the state lie in sheets. Each commit moves some sheets whole, so what is left is whole, too. */
export const sheetStatePages: FormatStep = {
  what: 'pages of the state are put into sheets',
  async run(store, progress): Promise<Result<void>> {
    let total = 0;
    for (const _ of store.range(PAGE_TABLE, {})) total += 1;
    for (let done = 0; ; ) {
      const pages = nextPages(store);
      if (pages.length === 0) return ok(undefined);
      const moved = await store.commit([
        ...Array.from(sheetsOf(pages), sheetWrite),
        ...pages.map(({ key }): Write => ({ table: PAGE_TABLE, key, value: undefined })),
      ]);
      if (!moved.ok) return moved;
      done += pages.length;
      progress(done, total);
    }
  },
};

interface OldPage extends StatePage {
  readonly key: Uint8Array;
}

/** The first pages that are left, as many sheets as fit one commit. */
function nextPages(store: Store): OldPage[] {
  const pages: OldPage[] = [];
  for (const [key, bytes] of store.range(PAGE_TABLE, {})) {
    const at = key.length - NUMBER_BYTES;
    const table = fromUtf8(key.subarray(0, at - 1)) ?? '';
    const page = new DataView(key.buffer, key.byteOffset).getUint32(at);
    if (pages.length >= COMMIT_PAGES && (sheetOf(page).place === 0 || pages.at(-1)!.table !== table)) break;
    pages.push({ table, page, bytes, key: concatBytes(key) });
  }
  return pages;
}
