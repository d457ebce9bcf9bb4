import { writeU32 } from '@iotw/kernel/bytes';
import { hashPairs } from '@iotw/kernel/hash-pairs';
import { merkleRoot } from '@iotw/kernel/merkle';
import { Scratch } from '@iotw/kernel/scratch';
import { sha256Into } from '@iotw/kernel/sha256';
import type { Schema, Table } from './tables/table.js';

/** Page hashes under one table's root, and tables under the state root. */
const MAX_PAGES = 2 ** 32;
export const MAX_TABLES = 64;

/** The page that is hashed. */
const pageScratch = new Scratch();

/**
 * Merkle root over the tables' roots in their order, each the root of the hashes of its pages (32 bytes each; more may
 * follow) with the number of its rows. 32 bytes (spec: 9.9).
 */
export function rootOfTables(
  tables: readonly { readonly rows: number; readonly pages: number; readonly hashes: Uint8Array }[],
): Uint8Array {
  const leaves = new Uint8Array(32 * tables.length);
  const pair = new Uint8Array(64);
  for (const [i, { rows, pages, hashes }] of tables.entries()) {
    pair.set(merkleRoot(hashes, pages, MAX_PAGES), 0);
    pair.fill(0, 32);
    writeU32(pair, 32, rows);
    hashPairs(pair, leaves.subarray(32 * i, 32 * i + 32));
  }
  return merkleRoot(leaves, tables.length, MAX_TABLES);
}

function packed(table: Table<Schema>, page: number): Uint8Array {
  const rows = pageScratch.take(table.pageBytes(page));
  table.packPage(page, rows, 0);
  return rows;
}

/** Hashes of all pages, kept from root to root: only pages that changed are hashed again. */
export class StateRoots {
  readonly #tables: readonly Table<Schema>[];
  readonly #hashes: Uint8Array[];

  constructor(tables: readonly Table<Schema>[]) {
    this.#tables = tables;
    this.#hashes = tables.map(() => new Uint8Array(0));
  }

  /** The root of the tables as they stand between two rounds; see rootOfTables. */
  root(): Uint8Array {
    return rootOfTables(
      this.#tables.map((table, i) => {
        const { rows, pages } = table;
        let hashes = this.#hashes[i]!;
        if (hashes.length < 32 * pages) {
          const grown = new Uint8Array(64 * pages);
          grown.set(hashes);
          hashes = grown;
          this.#hashes[i] = hashes;
        }
        for (let page = 0; page < pages; page++) {
          if (!table.takeUnrooted(page)) continue;
          sha256Into(hashes.subarray(32 * page, 32 * page + 32), table.pageView(page) ?? packed(table, page));
        }
        return { rows, pages, hashes };
      }),
    );
  }
}
