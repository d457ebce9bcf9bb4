import type { Store, Write } from '@iotw/kernel/ports/store';
import { STATE_TABLE } from '@iotw/nodes/ledger-server/restore';

/** What the tables of a store hold, as writes that make another one like it. */
export function* writesOf(store: Store, tables: Iterable<string>): Iterable<Write & { value: Uint8Array }> {
  for (const table of tables)
    for (const [key, value] of store.range(table, {}))
      yield table === STATE_TABLE ? { table, key, value, rewritten: true } : { table, key, value };
}
