import { assert } from '@iotw/kernel/assert';

/** The typed arrays a column may live in; little-endian on every platform we run on. */
export type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

export interface Column<A extends ColumnArray = ColumnArray> {
  readonly make: (length: number) => A;
  /** Array elements per row: 1, or the bytes of a fixed-length byte string. */
  readonly width: number;
}

export const U8: Column<Uint8Array> = { make: (n) => new Uint8Array(n), width: 1 };
export const U16: Column<Uint16Array> = { make: (n) => new Uint16Array(n), width: 1 };
export const U32: Column<Uint32Array> = { make: (n) => new Uint32Array(n), width: 1 };
/** Exact safe integers: amounts, rounds, heights, times. */
export const F64: Column<Float64Array> = { make: (n) => new Float64Array(n), width: 1 };
export const bytes = (width: number): Column<Uint8Array> => ({ make: (n) => new Uint8Array(n), width });

export type Schema = Readonly<Record<string, Column>>;
export type Columns<S extends Schema> = {
  -readonly [K in keyof S]: S[K] extends Column<infer A> ? A : never;
};

/** What the undo journal is told before a cell changes (see journal.ts). */
export interface CellWatcher {
  before(table: Table<Schema>, column: string, row: number): void;
}

/** Rows in one page, the unit of the state root and of snapshots. */
export const PAGE_ROWS = 256;
/** Pages side by side that are saved together where one of them changed: see state-sheets. */
export const SHEET_PAGES = 8;

/**
 * Rows in columns of typed arrays that grow by doubling. It knows which rows this round touched (for
 * the state hash), which pages changed since the last snapshot and since the last state root.
 * Hot code reads and writes `col` in place and calls `touch`; all other code writes through `set`,
 * which also tells the undo journal.
 */
export class Table<S extends Schema> {
  readonly name: string;
  /** The arrays; replaced when the table grows, so never kept across an append. */
  readonly col: Columns<S>;
  rows = 0;
  capacity = 0;
  /** Rows touched in this round, in the order of first touch. */
  touched = new Uint32Array(64);
  touchedCount = 0;
  watcher: CellWatcher | undefined;
  protected readonly names: readonly (keyof S & string)[];
  protected readonly schema: S;
  /** Bytes of one row in a page. */
  readonly rowBytes: number;
  /** The columns' bytes and the bytes of one row in each; kept, since a view costs more than a row. */
  #views: Uint8Array[] = [];
  readonly #sizes: readonly number[];
  #stamps = new Uint32Array(0);
  #stamp = 1;
  #unsaved = new Uint8Array(0);
  #unrooted = new Uint8Array(0);
  /** Low 32 bits of the round in which each page was last saved. */
  #savedIn = new Uint32Array(0);

  constructor(name: string, schema: S, capacity = 16) {
    this.name = name;
    this.schema = schema;
    this.names = Object.keys(schema);
    this.col = {} as Columns<S>;
    const sizes: number[] = [];
    for (const key of this.names) {
      const column = schema[key]!;
      this.col[key] = column.make(0) as Columns<S>[typeof key];
      sizes.push(column.width * column.make(0).BYTES_PER_ELEMENT);
    }
    this.#sizes = sizes;
    this.rowBytes = sizes.reduce((sum, size) => sum + size, 0);
    this.reserve(capacity);
  }

  /** Room for at least `rows` rows. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    let capacity = Math.max(16, this.capacity);
    while (capacity < rows) capacity *= 2;
    for (const key of this.names) {
      const column = this.schema[key]!;
      const grown = column.make(capacity * column.width);
      grown.set(this.col[key]);
      this.col[key] = grown as Columns<S>[typeof key];
    }
    this.#views = this.names.map((key) => new Uint8Array((this.col[key] as ColumnArray).buffer));
    this.#stamps = grow(this.#stamps, capacity);
    const pages = Math.ceil(capacity / PAGE_ROWS);
    this.#unsaved = grow(this.#unsaved, pages);
    this.#unrooted = grow(this.#unrooted, pages);
    this.#savedIn = grow(this.#savedIn, pages);
    this.capacity = capacity;
    this.grown();
  }

  /** For a subclass with views on its columns: the arrays were replaced. */
  protected grown(): void {}

  /** Adds one row of zeros and gives its number. */
  append(): number {
    const row = this.rows;
    if (row === this.capacity) this.reserve(row + 1);
    this.rows = row + 1;
    this.touch(row);
    return row;
  }

  /** Notes that `row` changes in this round; cheap when it already did. */
  touch(row: number): void {
    if (this.#stamps[row] === this.#stamp) return;
    this.#stamps[row] = this.#stamp;
    if (this.touchedCount === this.touched.length) this.touched = grow(this.touched, 2 * this.touchedCount);
    this.touched[this.touchedCount++] = row;
    this.markPage(row);
  }

  /** The row's page differs from what was saved and hashed. */
  protected markPage(row: number): void {
    const page = Math.floor(row / PAGE_ROWS);
    this.#unsaved[page] = 1;
    this.#unrooted[page] = 1;
  }

  /** Forgets what this round touched: called after its state hash. */
  endRound(): void {
    this.touchedCount = 0;
    if (this.#stamp === 0xffff_ffff) {
      this.#stamps.fill(0);
      this.#stamp = 0;
    }
    this.#stamp++;
  }

  /** Writes one number, journalled. */
  set(column: keyof S & string, row: number, value: number): void {
    assert(row < this.rows && this.schema[column]!.width === 1, `no number ${this.name}.${column}[${row}]`);
    this.watcher?.before(this as unknown as Table<Schema>, column, row);
    this.touch(row);
    this.col[column][row] = value;
  }

  /** Adds to one number, journalled. */
  add(column: keyof S & string, row: number, value: number): void {
    this.set(column, row, this.col[column][row]! + value);
  }

  /** Writes a fixed-length byte string, journalled; shorter values are padded with zeros. */
  setBytes(column: keyof S & string, row: number, value: Uint8Array): void {
    const width = this.schema[column]!.width;
    assert(row < this.rows && value.length <= width, `no bytes ${this.name}.${column}[${row}]`);
    this.watcher?.before(this as unknown as Table<Schema>, column, row);
    this.touch(row);
    const array = this.col[column] as Uint8Array;
    array.fill(0, row * width, (row + 1) * width);
    array.set(value, row * width);
  }

  /** A copy of a fixed-length byte string. */
  bytes(column: keyof S & string, row: number): Uint8Array {
    const width = this.schema[column]!.width;
    return (this.col[column] as Uint8Array).slice(row * width, (row + 1) * width);
  }

  /** A copy of any cell's elements, for the journal. */
  cell(column: string, row: number): ColumnArray {
    const width = this.schema[column]!.width;
    return (this.col[column] as ColumnArray).slice(row * width, (row + 1) * width);
  }

  /** Puts a copied cell back. */
  restore(column: string, row: number, old: ColumnArray): void {
    (this.col[column] as ColumnArray).set(old, row * this.schema[column]!.width);
  }

  /** Drops the rows from `rows` on, latest first, as if they had never been added. */
  truncate(rows: number): void {
    if (this.rows <= rows) return;
    for (let row = this.rows - 1; row >= rows; row--) this.dropped(row);
    for (let i = 0; i < this.#sizes.length; i++) {
      const size = this.#sizes[i]!;
      this.#views[i]!.fill(0, rows * size, this.rows * size);
    }
    this.rows = rows;
  }

  /** For a subclass with an index: `row` is about to go. */
  protected dropped(_row: number): void {}

  /** For a subclass with an index: every row was loaded anew. */
  protected loaded(): void {}

  get pages(): number {
    return Math.ceil(this.rows / PAGE_ROWS);
  }

  /** Bytes of the rows of one page. */
  pageBytes(page: number): number {
    return Math.min(PAGE_ROWS, this.rows - page * PAGE_ROWS) * this.rowBytes;
  }

  /** The bytes of the rows of one page, column after column, into `out` at `at`; a function of the rows alone. */
  packPage(page: number, out: Uint8Array, at: number): void {
    const first = page * PAGE_ROWS;
    const end = Math.min(first + PAGE_ROWS, this.rows);
    let to = at;
    for (let i = 0; i < this.#sizes.length; i++) {
      const size = this.#sizes[i]!;
      out.set(this.#views[i]!.subarray(first * size, end * size), to);
      to += (end - first) * size;
    }
  }

  /** The bytes of the rows of one page as they lie, a view: where there is one column; undefined where they have to be packed. */
  pageView(page: number): Uint8Array | undefined {
    if (this.#views.length !== 1) return undefined;
    const from = page * PAGE_ROWS * this.rowBytes;
    return this.#views[0]!.subarray(from, from + this.pageBytes(page));
  }

  /** The bytes of one row, column after column, into `out` at `at`; gives the end. */
  packRow(row: number, out: Uint8Array, at: number): number {
    let end = at;
    for (let i = 0; i < this.#sizes.length; i++) {
      const view = this.#views[i]!;
      const size = this.#sizes[i]!;
      const from = row * size;
      for (let k = 0; k < size; k++) out[end + k] = view[from + k]!;
      end += size;
    }
    return end;
  }

  /** Reads a page back that was saved in round `savedIn`; false where its length is not that of `count` rows. */
  loadPage(page: number, count: number, from: Uint8Array, savedIn = 0): boolean {
    if (from.length !== count * this.rowBytes) return false;
    const first = page * PAGE_ROWS;
    let at = 0;
    for (let i = 0; i < this.#sizes.length; i++) {
      const size = this.#sizes[i]!;
      this.#views[i]!.set(from.subarray(at, at + count * size), first * size);
      at += count * size;
    }
    this.#unsaved[page] = 0;
    this.#unrooted[page] = 1;
    this.#savedIn[page] = savedIn;
    return true;
  }

  /** After the last loadPage: rebuilds what is derived from the rows. */
  finishLoad(rows: number): void {
    this.rows = rows;
    this.loaded();
  }

  get sheets(): number {
    return Math.ceil(this.pages / SHEET_PAGES);
  }

  /** Whether a page of the sheet changed since it was last saved; asking clears the marks: they are all saved in `round`. */
  takeUnsaved(sheet: number, round: number): boolean {
    const dirty = this.#isUnsaved(sheet);
    const first = sheet * SHEET_PAGES;
    if (dirty) {
      this.#unsaved.fill(0, first, first + SHEET_PAGES);
      this.#savedIn.fill(round, first, first + SHEET_PAGES);
    }
    return dirty;
  }

  #isUnsaved(sheet: number): boolean {
    const first = sheet * SHEET_PAGES;
    return this.#unsaved.subarray(first, first + SHEET_PAGES).includes(1);
  }

  /** Bytes of the sheets that changed since they were saved. */
  get unsavedBytes(): number {
    let sum = 0;
    for (let sheet = 0; sheet < this.sheets; sheet++) {
      if (!this.#isUnsaved(sheet)) continue;
      const end = Math.min((sheet + 1) * SHEET_PAGES, this.pages);
      for (let page = sheet * SHEET_PAGES; page < end; page++) sum += this.pageBytes(page);
    }
    return sum;
  }

  /** Low 32 bits of the round in which the page was last saved. */
  savedIn(page: number): number {
    return this.#savedIn[page]!;
  }

  /** Whether the page changed since its last hash for the state root; asking clears the mark. */
  takeUnrooted(page: number): boolean {
    const dirty = this.#unrooted[page] === 1;
    this.#unrooted[page] = 0;
    return dirty;
  }

  /** Empties the table; its pages count as changed. */
  clear(): void {
    for (let row = 0; row < this.rows; row++) this.touch(row);
    this.truncate(0);
  }
}

function grow<A extends Uint8Array | Uint32Array>(array: A, length: number): A {
  const grown = (array instanceof Uint8Array ? new Uint8Array(length) : new Uint32Array(length)) as A;
  grown.set(array);
  return grown;
}
