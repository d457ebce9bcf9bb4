import type { Write } from '@iotw/kernel/ports/store';
import { ok, type Result } from '@iotw/kernel/result';
import { STATE_TABLE } from '@iotw/nodes/ledger-server/restore';
import type { FormatStep } from './format-step.js';

/** Where format 3 had the sheets of the state, under the same keys, among the values that stay. */
const SHEET_TABLE = 'sheets';
/** Sheets of one commit. */
const COMMIT_SHEETS = 32;

/** Format 3 to 4: sheets of the state are rewritten values. */
export const moveStateSheets: FormatStep = {
  what: 'sheets of the state are put apart from what stays',
  async run(store, progress): Promise<Result<void>> {
    let total = 0;
    for (const _ of store.range(SHEET_TABLE, {})) total += 1;
    for (let done = 0; ; ) {
      const sheets = [...store.range(SHEET_TABLE, { limit: COMMIT_SHEETS })];
      if (sheets.length === 0) return ok(undefined);
      const moved = await store.commit([
        ...sheets.map(([key, value]): Write => ({ table: STATE_TABLE, key, value, rewritten: true })),
        ...sheets.map(([key]): Write => ({ table: SHEET_TABLE, key, value: undefined })),
      ]);
      if (!moved.ok) return moved;
      done += sheets.length;
      progress(done, total);
    }
  },
};
