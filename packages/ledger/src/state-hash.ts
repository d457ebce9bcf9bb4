import { concatBytes, writeU32, writeU64 } from '@iotw/kernel/bytes';
import { Scratch } from '@iotw/kernel/scratch';
import { sha256 } from '@iotw/kernel/sha256';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from '@iotw/protocol/domains';
import type { State } from './state.js';
import type { Accounts } from './tables/accounts.js';
import type { Schema, Table } from './tables/table.js';

/** number u32, balance u64, sequence u64, bitmap of used sequences u64. */
const ACCOUNT_BYTES = 28;
/** Table's place u8, its rows u32, rows touched u32, digest of the touched rows 32. */
const TABLE_BYTES = 41;

/** What is hashed, kept from round to round. */
const outScratch = new Scratch();
const rowScratch = new Scratch();

/**
 * The running hash of the state: the hash before, the round's results root, every account it touched,
 * the records of those it opened, and for every other table it touched the digest of the touched rows.
 * Rows stand in the order of their first touch, which is the order of application.
 */
export function stateHashAfter(state: State, resultsRoot: Uint8Array): Uint8Array {
  const { accounts } = state;
  const others = state.tables.filter((t) => (t as unknown) !== accounts && t.touchedCount > 0);
  const opened = accounts.openedRecords();
  const size = 72 + ACCOUNT_BYTES * accounts.touchedCount + opened.length + TABLE_BYTES * others.length;
  const out = outScratch.take(size);
  out.set(state.chain.bytes('stateHash', 0), 0);
  out.set(resultsRoot, 32);
  writeU32(out, 64, accounts.touchedCount);
  writeU32(out, 68, accounts.rows);
  let at = packAccounts(accounts, out, 72);
  out.set(opened, at);
  at += opened.length;
  for (const table of others) {
    out[at] = state.tables.indexOf(table);
    writeU32(out, at + 1, table.rows);
    const rows = packTouched(table);
    writeU32(out, at + 5, rows.length / (4 + table.rowBytes));
    out.set(sha256(rows), at + 9);
    at += TABLE_BYTES;
  }
  return signingDigest(DOMAIN.state, state.network, out);
}

function packAccounts(accounts: Accounts, out: Uint8Array, from: number): number {
  const { touched, touchedCount } = accounts;
  let at = from;
  for (let i = 0; i < touchedCount; i++) {
    const number = touched[i]!;
    writeU32(out, at, number);
    writeU64(out, at + 4, accounts.balance(number));
    writeU64(out, at + 12, accounts.sequence(number));
    writeU32(out, at + 20, accounts.used(number, 0));
    writeU32(out, at + 24, accounts.used(number, 1));
    at += ACCOUNT_BYTES;
  }
  return at;
}

function packTouched(table: Table<Schema>): Uint8Array {
  const out = rowScratch.take((4 + table.rowBytes) * table.touchedCount);
  let at = 0;
  for (let i = 0; i < table.touchedCount; i++) {
    const row = table.touched[i]!;
    // A row that a failed transaction opened and dropped again.
    if (row >= table.rows) continue;
    writeU32(out, at, row);
    at = table.packRow(row, out, at + 4);
  }
  return out.subarray(0, at);
}

/** The digest of every table's rows: what the running hash begins with at genesis. */
export function packTables(state: State): Uint8Array {
  const out = new Uint8Array(36 * state.tables.length);
  for (const [i, table] of state.tables.entries()) {
    const rows = new Uint8Array(table.rows * table.rowBytes);
    for (let row = 0, at = 0; row < table.rows; row++) at = table.packRow(row, rows, at);
    writeU32(out, 36 * i, table.rows);
    out.set(sha256(rows), 36 * i + 4);
  }
  return out;
}

/**
 * The state hash of a round that ends an epoch: `before` is what stateHashAfter gave, `root` the state root as the round
 * left it. So such a round's hash stands for every row, and a snapshot of it can be checked (spec: 9.8).
 */
export function edgeStateHash(network: Uint8Array, before: Uint8Array, root: Uint8Array): Uint8Array {
  return signingDigest(DOMAIN.state, network, concatBytes(before, root));
}
