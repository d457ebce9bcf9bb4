import { F64, Table, U32 } from './table.js';

const SCHEMA = {
  device: U32,
  /** Left out of draws for refRound in [from, until). */
  from: F64,
  until: F64,
};

/**
 * Removals that ended and whose device was removed again, as long as a block may refer to a round in them: what was
 * removed in the state of a round stays so, whatever comes later (spec: clause 7.6).
 */
export class Absences extends Table<typeof SCHEMA> {
  readonly #rows = new Map<number, number[]>();

  constructor() {
    super('absences', SCHEMA);
  }

  keep(device: number, from: number, until: number): void {
    const row = this.append();
    this.set('device', row, device);
    this.set('from', row, from);
    this.set('until', row, until);
    this.#index(row);
  }

  covers(device: number, refRound: number): boolean {
    const { from, until } = this.col;
    return (this.#rows.get(device) ?? []).some((row) => refRound >= from[row]! && refRound < until[row]!);
  }

  /** Forgets those that ended by `round`: no block may refer to a round before it any more. */
  forget(round: number): void {
    const { device, from, until } = this.col;
    const rows = Array.from(
      { length: this.rows },
      (_, row) => [device[row]!, from[row]!, until[row]!] as const,
    );
    const kept = rows.filter(([, , end]) => end > round);
    if (kept.length === rows.length) return;
    this.clear();
    this.#rows.clear();
    for (const row of kept) this.keep(...row);
  }

  #index(row: number): void {
    const device = this.col.device[row]!;
    const rows = this.#rows.get(device);
    if (rows === undefined) this.#rows.set(device, [row]);
    else rows.push(row);
  }

  protected override dropped(row: number): void {
    const rows = this.#rows.get(this.col.device[row]!);
    if (rows?.at(-1) === row) rows.pop();
  }

  protected override loaded(): void {
    this.#rows.clear();
    for (let row = 0; row < this.rows; row++) this.#index(row);
  }
}
