import { concatBytes, fromUtf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { ok, type Result } from '@iotw/kernel/result';
import { pageKey, STATE_TABLE } from '@iotw/nodes/ledger-server/restore';
import type { FormatStep } from './format-step.js';

/** A commit ends at whichever comes first. */
const COMMIT_ENTRIES = 16;
const COMMIT_BYTES = 4 * 1024 ** 2;

/** `accounts/12`, as format 1 had it: page 10 stood before page 2. The keys since hold a zero byte, those never did. */
function oldPlace(key: Uint8Array): { readonly table: string; readonly page: number } | undefined {
  const [, table, page] = fromUtf8(key)?.match(/^([a-z][a-z0-9-]*)\/(\d+)$/) ?? [];
  return table === undefined ? undefined : { table, page: Number(page) };
}

/** Format 1 to 2: the pages of the state lie in their order. Each commit moves a few and takes their old keys away. */
export const orderStatePages: FormatStep = {
  what: 'pages of the state are put in order',
  async run(store, progress): Promise<Result<void>> {
    let total = 0;
    for (const [key] of store.range(STATE_TABLE, {})) if (oldPlace(key) !== undefined) total += 1;
    let from: Uint8Array | undefined;
    for (let done = 0; ; ) {
      const { writes, last } = nextMoves(store, from);
      if (last === undefined) return ok(undefined);
      const moved = await store.commit(writes);
      if (!moved.ok) return moved;
      done += writes.length / 2;
      progress(done, total);
      from = concatBytes(last, Uint8Array.of(0));
    }
  },
};

function nextMoves(
  store: Store,
  from: Uint8Array | undefined,
): { readonly writes: Write[]; readonly last: Uint8Array | undefined } {
  const writes: Write[] = [];
  let last: Uint8Array | undefined;
  let bytes = 0;
  for (const [key, value] of store.range(STATE_TABLE, from === undefined ? {} : { from })) {
    const place = oldPlace(key);
    if (place === undefined) continue;
    writes.push(
      { table: STATE_TABLE, key: pageKey(place.table, place.page), value },
      { table: STATE_TABLE, key, value: undefined },
    );
    last = key;
    bytes += value.length;
    if (writes.length >= 2 * COMMIT_ENTRIES || bytes >= COMMIT_BYTES) break;
  }
  return { writes, last };
}
