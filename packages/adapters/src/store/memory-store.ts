import { type Range, type Store, StoreFaultError, type Write } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { assertKind, assertTable, assertWrite } from './write-rules.js';

interface MemoryTable {
  readonly values: Map<string, Uint8Array>;
  /** Keys in order; `undefined` after a change of the key set. */
  sorted: readonly string[] | undefined;
}

/**
 * The store without a disk, for tests of what stands on the port. Same rules as the durable one,
 * durability apart; `limitBytes` bounds keys plus values (code `store-full`).
 */
export function openMemoryStore(options: { readonly limitBytes?: number } = {}): Store {
  const limit = options.limitBytes ?? Number.MAX_SAFE_INTEGER;
  const tables = new Map<string, MemoryTable>();
  const kinds = new Map<string, boolean>();
  let used = 0;
  let closed = false;

  const open = () => {
    if (closed) throw new StoreFaultError('store-closed', 'the store is closed');
  };
  const apply = (write: Write) => {
    let table = tables.get(write.table);
    if (table === undefined) {
      table = { values: new Map(), sorted: undefined };
      tables.set(write.table, table);
    }
    const key = toText(write.key);
    const old = table.values.get(key);
    if (old !== undefined) used -= key.length + old.length;
    if (write.value === undefined) {
      if (table.values.delete(key)) table.sorted = undefined;
      return;
    }
    if (old === undefined) table.sorted = undefined;
    table.values.set(key, write.value.slice());
    used += key.length + write.value.length;
  };

  return {
    get(name, key) {
      open();
      return tables.get(name)?.values.get(toText(key))?.slice();
    },
    *range(name, range) {
      open();
      const table = tables.get(name);
      if (table === undefined) return;
      table.sorted ??= [...table.values.keys()].sort();
      const entries = select(table.sorted, range).map((key) => [key, table.values.get(key)!] as const);
      for (const [key, value] of entries) {
        open();
        yield [new Uint8Array(Buffer.from(key, 'latin1')), value.slice()] as const;
      }
    },
    async commit(writes): Promise<Result<void>> {
      if (closed) return fail('store-closed', 'the store is closed');
      let added = 0;
      for (const write of writes) {
        assertTable(write.table);
        assertWrite(write);
        if (write.value === undefined) continue;
        assertKind(kinds, write);
        added += write.key.length + write.value.length;
      }
      if (added > 0 && used + added > limit) {
        return fail('store-full', `the store's limit of ${limit} bytes is reached`, { limit, used, added });
      }
      for (const write of writes) apply(write);
      return ok(undefined);
    },
    async close() {
      closed = true;
    },
  };
}

/** One UTF-16 unit a byte: the order of the strings is the order of the bytes. */
function toText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}

function select(sorted: readonly string[], range: Range): string[] {
  const from = range.from === undefined ? '' : toText(range.from);
  const to = range.to === undefined ? undefined : toText(range.to);
  const keys = sorted.filter((key) => key >= from && (to === undefined || key < to));
  if (range.reverse === true) keys.reverse();
  return range.limit === undefined ? keys : keys.slice(0, range.limit);
}
