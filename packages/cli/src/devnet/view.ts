import { render, renderLine } from './render.js';
import type { DevnetSnapshot } from './snapshot.js';

/** The part of a terminal's stream that the view uses. */
export interface ViewStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface DevnetViewOptions {
  /** Between two lines where the stream is no terminal, ms of the snapshots' own time; 5,000 unless given. */
  readonly lineEveryMs?: number;
  /** Redraw in place; where the stream is a terminal unless given. */
  readonly live?: boolean;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_LINE = '\u001b[K';
const ERASE_BELOW = '\u001b[J';
const DEFAULT_COLUMNS = 80;
const LINE_EVERY_MS = 5_000;

/**
 * Shows the devnet: on a terminal redrawn in place at each `update` (call it 2 to 4 times a second), elsewhere one
 * line every few seconds. Whoever makes a view closes it, so that the cursor comes back.
 */
export class DevnetView {
  readonly #out: ViewStream;
  readonly #live: boolean;
  readonly #lineEveryMs: number;
  #drawn: readonly string[] = [];
  #lastLineMs = Number.NEGATIVE_INFINITY;
  #open = false;
  readonly #onExit = () => this.close();

  constructor(out: ViewStream, options: DevnetViewOptions = {}) {
    this.#out = out;
    this.#live = options.live ?? out.isTTY === true;
    this.#lineEveryMs = options.lineEveryMs ?? LINE_EVERY_MS;
  }

  update(snapshot: DevnetSnapshot): void {
    if (!this.#live) {
      if (snapshot.elapsedMs - this.#lastLineMs < this.#lineEveryMs) return;
      this.#lastLineMs = snapshot.elapsedMs;
      this.#out.write(`${renderLine(snapshot)}\n`);
      return;
    }
    // The last column stays free: some terminals break the line there.
    const lines = render(snapshot, this.#columns() - 1);
    const start = this.#open ? this.#toTop() : this.#begin();
    this.#out.write(start + lines.map((line) => `${line}${ERASE_LINE}\n`).join('') + ERASE_BELOW);
    this.#drawn = lines;
  }

  /** Leaves a message standing above the view. */
  note(text: string): void {
    if (!this.#live || !this.#open) {
      this.#out.write(`${text}\n`);
      return;
    }
    const below = this.#drawn.map((line) => `${line}${ERASE_LINE}\n`).join('');
    this.#out.write(`${this.#toTop()}${text}${ERASE_LINE}\n${below}${ERASE_BELOW}`);
  }

  /** Gives the cursor back and leaves the last picture standing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    process.removeListener('exit', this.#onExit);
    this.#out.write(SHOW_CURSOR);
  }

  #begin(): string {
    this.#open = true;
    // However the process ends, the terminal is as it was.
    process.once('exit', this.#onExit);
    return HIDE_CURSOR;
  }

  /** A terminal made narrower has folded what was drawn: it stands on more rows than it had lines. */
  #toTop(): string {
    const columns = this.#columns();
    const rows = this.#drawn.reduce((n, line) => n + Math.max(1, Math.ceil([...line].length / columns)), 0);
    return rows === 0 ? '\r' : `\u001b[${rows}F`;
  }

  #columns(): number {
    return this.#out.columns ?? DEFAULT_COLUMNS;
  }
}
