import { readU32, utf8, writeU32 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { FormatStep } from './data-steps/format-step.js';
import { moveStateSheets } from './data-steps/move-state-sheets.js';

/**
 * The format of what a node's store holds: which tables and keys there are, and what values look like. A change of it raises the
 * number and puts a step here, by the format it begins with; the step before that goes with the release after. Rounds and
 * state themselves are the protocol's (spec: clause 15).
 */
export const DATA_FORMAT = 4;
const STEPS: ReadonlyMap<number, FormatStep> = new Map([[3, moveStateSheets]]);

/** Stores of the first format bear no number. */
const FIRST_FORMAT = 1;
export const META_TABLE = 'meta';
const FORMAT_KEY = utf8('format');
export const NETWORK_KEY = utf8('network');

export interface DataFormat {
  readonly format: number;
  readonly steps: ReadonlyMap<number, FormatStep>;
}

const PRODUCT: DataFormat = { format: DATA_FORMAT, steps: STEPS };

/** The write that gives a new store its format. */
export function formatWrite(format = DATA_FORMAT): Write {
  const value = new Uint8Array(4);
  writeU32(value, 0, format);
  return { table: META_TABLE, key: FORMAT_KEY, value };
}

function formatOf(store: Pick<Store, 'get'>): number {
  const value = store.get(META_TABLE, FORMAT_KEY);
  return value === undefined ? FIRST_FORMAT : readU32(value, 0);
}

/**
 * Whether a store is new or of this software's format, for whoever reads it as it is. Errors:
 * `store-format-newer`, `store-format-older`, `store-format-upgrade` (a node that starts brings it up to date).
 */
export function checkDataFormat(
  store: Pick<Store, 'get'>,
  { format, steps }: DataFormat = PRODUCT,
): Result<void> {
  // Nothing is in it yet.
  if (store.get(META_TABLE, NETWORK_KEY) === undefined) return ok(undefined);
  const found = formatOf(store);
  const data = { format: found, expected: format };
  if (found === format) return ok(undefined);
  if (found > format) {
    return fail(
      'store-format-newer',
      `The data are of format ${found}, written by newer software, and this one reads ${format}: go back to the newer software.`,
      data,
    );
  }
  if (found === format - 1 && steps.has(found)) {
    return fail(
      'store-format-upgrade',
      `The data are of format ${found}, this software's is ${format}: start the node once, it brings them up to date.`,
      data,
    );
  }
  return fail(
    'store-format-older',
    `The data are of format ${found}, and this software brings up ${format - 1} alone: start the releases between one after another, or let the node join anew.`,
    data,
  );
}

/**
 * Brings a store that belongs to a network up to this software's format. `tell` hears what it does, and each
 * tenth of it. Errors: `store-format-newer`, `store-format-older`, those of the store; after any of them, or a
 * kill, the next start goes on.
 */
export async function upgradeData(
  store: Store,
  tell: (line: string) => void,
  product: DataFormat = PRODUCT,
): Promise<Result<void>> {
  const checked = checkDataFormat(store, product);
  if (checked.ok || checked.error.code !== 'store-format-upgrade') return checked;
  const { format, steps } = product;
  const { what, run } = steps.get(format - 1)!;
  const name = `data of format ${format - 1} to ${format}`;
  tell(`${name}: ${what}`);
  let told = 0;
  const done = await run(store, (entries, total) => {
    const tenths = Math.floor((10 * entries) / total);
    if (tenths > told) tell(`${name}: ${entries} of ${total}`);
    told = tenths;
  });
  if (!done.ok) return done;
  const written = await store.commit([formatWrite(format)]);
  if (written.ok) tell(`${name}: done`);
  return written;
}
