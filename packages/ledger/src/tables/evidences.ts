import { KeyIndex, tableSalt } from './key-index.js';
import { bytes, F64, Table } from './table.js';

const SCHEMA = { digest: bytes(32), round: F64 };

/** What was proven already, by a digest of kind, offender and position: nobody is punished twice for one act. */
export class Evidences extends Table<typeof SCHEMA> {
  readonly #index: KeyIndex;

  constructor(salt: Uint8Array) {
    super('evidences', SCHEMA);
    this.#index = new KeyIndex(tableSalt(salt, 4));
  }

  has(digest: Uint8Array): boolean {
    return this.#index.find(this.col.digest, digest, 0) !== -1;
  }

  record(digest: Uint8Array, round: number): void {
    const row = this.append();
    this.setBytes('digest', row, digest);
    this.set('round', row, round);
    this.#index.add(this.col.digest, row);
  }

  protected override dropped(row: number): void {
    this.#index.removeLast(this.col.digest, row);
  }

  protected override loaded(): void {
    this.#index.rebuild(this.col.digest, this.rows);
  }
}
