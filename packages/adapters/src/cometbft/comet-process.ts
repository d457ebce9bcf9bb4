import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '@iotw/kernel/result';

/** Pause before it is started again, ms: doubles from the first to the last while it ends at once. */
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 5_000;
/** A run of this length was a good one, ms. */
const GOOD_RUN_MS = 10_000;
/** What it may take to end when asked to, ms. */
const GRACE_MS = 5_000;

export interface CometProcessOptions {
  /** The binary. */
  readonly file: string;
  readonly home: string;
  /** It ended unasked, and is started again. */
  readonly onFault: (fault: Failure) => void;
}

/** CometBFT as a child: started, and started again whenever it ends, until it is stopped. Its log and
 * its process id are in its home. */
export class CometProcess {
  readonly #options: CometProcessOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #stopped = false;

  constructor(options: CometProcessOptions) {
    this.#options = options;
  }

  start(): void {
    const { file, home } = this.#options;
    const log = openSync(join(home, 'cometbft.log'), 'a', 0o600);
    const child = spawn(file, ['start', '--home', home], { stdio: ['ignore', log, log] });
    closeSync(log);
    if (child.pid !== undefined) writeFileSync(join(home, 'cometbft.pid'), `${child.pid}\n`);
    const beganMs = performance.now();
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const ended = (how: string): void => {
        if (this.#child === child) {
          this.#child = undefined;
          this.#again(how, performance.now() - beganMs);
        }
        resolve();
      };
      child.once('exit', (code, signal) => ended(signal === null ? `code ${code}` : signal));
      child.once('error', (error) => ended(error.message));
    });
  }

  #again(how: string, ranMs: number): void {
    if (this.#stopped) return;
    const { home, onFault } = this.#options;
    if (ranMs >= GOOD_RUN_MS) this.#pauseMs = FIRST_PAUSE_MS;
    onFault({
      code: 'cometbft-ended',
      message: `CometBFT ended (${how}) and is started again in ${this.#pauseMs} ms; its last lines are in ${join(home, 'cometbft.log')}.`,
    });
    this.#timer = setTimeout(() => this.start(), this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LAST_PAUSE_MS);
  }

  /** Ends it; kills it where it does not end in time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}
