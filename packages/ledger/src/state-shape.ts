import { assert } from '@iotw/kernel/assert';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { checkGenesis } from './genesis-check.js';
import { State } from './state.js';
import { encodeMeta, META_TABLE, markedPage } from './state-pages.js';
import { type StatePage, type StateSheet, sheetsOf } from './state-sheets.js';
import { Chain } from './tables/chain.js';
import { PAGE_ROWS } from './tables/table.js';

/** A table of the state, without its rows. */
export interface TableShape {
  readonly name: string;
  readonly rowBytes: number;
}

/** One page of a state with given numbers of rows. */
export interface PagePlace {
  /** The table's place in the order in which it enters the state root. */
  readonly table: number;
  readonly page: number;
  /** Bytes of its rows. */
  readonly bytes: number;
}

/** Where the ledger stands, of a state that was handed over: what is not in its tables. */
export interface StateStand {
  readonly round: number;
  readonly timeMs: number;
  readonly hash: Uint8Array;
  readonly stateHash: Uint8Array;
}

/** What a state of this network looks like whatever is in it: for snapshots, which are taken and given by pages. */
export class StateShape {
  readonly network: Uint8Array;
  readonly tables: readonly TableShape[];
  /** Bytes of the chain's row. */
  readonly chainBytes: number;
  readonly #supply: number;

  /** The genesis must pass checkGenesis: anything else is a bug. */
  constructor(genesis: Genesis) {
    const checked = checkGenesis(genesis);
    assert(checked.ok, checked.ok ? '' : checked.error.message);
    this.network = networkId(genesis);
    this.#supply = checked.value.supply;
    const { tables, chain } = new State(this.network, genesis, new SignatureChecker(4), this.network);
    this.tables = tables.map(({ name, rowBytes }) => ({ name, rowBytes }));
    this.chainBytes = chain.rowBytes;
  }

  /** The pages of a state with that many rows in each table, in the order of the state root. */
  *pages(rows: readonly number[]): Generator<PagePlace> {
    for (const [table, { rowBytes }] of this.tables.entries()) {
      const count = rows[table]!;
      for (let page = 0; page * PAGE_ROWS < count; page++)
        yield { table, page, bytes: rowBytes * Math.min(PAGE_ROWS, count - page * PAGE_ROWS) };
    }
  }

  /** Bytes of all pages of such a state. */
  bytes(rows: readonly number[]): number {
    return this.tables.reduce((sum, { rowBytes }, i) => sum + rowBytes * rows[i]!, 0);
  }

  /**
   * A state as `Ledger.load` takes it, meta page last. `pages`: the rows of each page, in the order of `pages`. All count as
   * saved in the round where the state stands.
   */
  saved(stand: StateStand, rows: readonly number[], pages: readonly Uint8Array[]): Iterable<StateSheet> {
    return sheetsOf(this.#marked(stand, rows, pages));
  }

  *#marked(stand: StateStand, rows: readonly number[], pages: readonly Uint8Array[]): Generator<StatePage> {
    const mark = stand.round % 2 ** 32;
    let at = 0;
    for (const { table, page } of this.pages(rows))
      yield { table: this.tables[table]!.name, page, bytes: markedPage(pages[at++]!, mark) };
    const chain = new Chain();
    chain.set('round', 0, stand.round);
    chain.set('timeMs', 0, stand.timeMs);
    chain.setBytes('hash', 0, stand.hash);
    chain.setBytes('stateHash', 0, stand.stateHash);
    chain.set('supply', 0, this.#supply);
    const row = new Uint8Array(chain.rowBytes);
    chain.packRow(0, row, 0);
    const meta = { network: this.network, rows, chain: row, marks: new Uint32Array(at).fill(mark) };
    yield { table: META_TABLE, page: 0, bytes: encodeMeta(meta) };
  }
}
