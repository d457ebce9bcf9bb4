import { assert } from '@iotw/kernel/assert';
import { ROOM_BEHIND, type Write } from '@iotw/kernel/ports/store';

const KEY_BYTES_MAX = 64;
const VALUE_BYTES_MAX = 256 * 1024 * 1024;
const TABLE_NAME = /^[a-z][a-z0-9-]{0,31}$/;
/** Ends the name under which the durable store keeps the versions of rewritten values: no table's name ends so. */
export const VERSION_SUFFIX = '-version';

export function isTableName(name: string): boolean {
  return TABLE_NAME.test(name) && !name.endsWith(VERSION_SUFFIX);
}

/** A table name every store takes: it becomes a name on disk. A bad one is a bug of the caller. */
export function assertTable(table: string): void {
  assert(
    isTableName(table),
    `table name "${table}" is not 1-32 of a-z, 0-9 and "-", or ends with "${VERSION_SUFFIX}"`,
  );
}

/** The port's limits on one write; beyond them is a bug of the caller. */
export function assertWrite(write: Write): void {
  assert(write.key.length >= 1 && write.key.length <= KEY_BYTES_MAX, 'a key has 1 to 64 bytes');
  assert(write.value === undefined || write.value.length <= VALUE_BYTES_MAX, 'a value has at most 256 MiB');
  assert(
    write.value === undefined || write.given !== true || hasRoom(write.value),
    'a given value has room behind it',
  );
}

/** Values of a table are all rewritten ones, or none; `kinds` has what is known of each table, and learns. */
export function assertKind(
  kinds: Map<string, boolean>,
  { table, rewritten }: Write & { value: Uint8Array },
): void {
  const kind = kinds.get(table) ?? rewritten === true;
  assert(kind === (rewritten === true), 'the values of a table are all rewritten, or none');
  kinds.set(table, kind);
}

function hasRoom({ buffer, byteOffset, length }: Uint8Array): boolean {
  return buffer.byteLength - byteOffset - length >= ROOM_BEHIND;
}
