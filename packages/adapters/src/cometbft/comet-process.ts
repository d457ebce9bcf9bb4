import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { Failure } from '@iotw/kernel/result';
import { CometLog, GIVEN_UP } from './comet-log.js';
import { endLeftBehind, pidFile } from './left-behind.js';

/** Pause before it is started again, ms: doubles from the first to the last while it ends at once. */
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 5_000;
/** A run of this length was a good one, ms. */
const GOOD_RUN_MS = 10_000;
/** See CometProcessOptions.graceMs. */
const GRACE_MS = 5_000;

export interface CometProcessOptions {
  /** The binary. */
  readonly file: string;
  readonly home: string;
  /** It ended unasked, and is started again; or a line of its log, with the code `cometbft-log`. */
  readonly onFault: (fault: Failure) => void;
  /** What it may take to end when asked to, or without its connections, ms. */
  readonly graceMs?: number;
  /** Done before each start. */
  readonly beforeStart?: () => void;
}

/** CometBFT as a child: started, and started again whenever it ends, until it is stopped. Its process id
 * is in its home. */
export class CometProcess {
  readonly #options: CometProcessOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #killer: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #stopped = false;
  #restarting = false;

  constructor(options: CometProcessOptions) {
    this.#options = options;
  }

  /** Starts it. One that a killed process left behind on this home is ended first. */
  async start(): Promise<void> {
    await endLeftBehind(this.#options.home);
    this.#spawn();
  }

  /**
   * It has connected to the ledger. Call the answer when that connection is closed: it then ends by itself, or hangs (see
   * left-behind) and is killed, and is started again.
   */
  connected(): () => void {
    const child = this.#child;
    return () => {
      if (child !== undefined && child === this.#child) this.#killLater(child);
    };
  }

  #killLater(child: ChildProcess): void {
    this.#killer ??= setTimeout(() => child.kill('SIGKILL'), this.#options.graceMs ?? GRACE_MS);
  }

  #spawn(): void {
    if (this.#stopped) return;
    const { file, home, beforeStart } = this.#options;
    beforeStart?.();
    const child = spawn(file, ['start', '--home', home], { stdio: ['ignore', 'pipe', 'pipe'] });
    // What it says while it stops, about peers and connections that end, is no fault.
    const onLine = (line: Failure): void => {
      if (!this.#stopped && !this.#restarting) this.#options.onFault(line);
      // Started again it takes up its write-ahead log.
      if (line.message.startsWith(GIVEN_UP)) child.kill('SIGKILL');
    };
    const logs = [child.stdout, child.stderr].map((stream) => {
      const log = new CometLog(onLine);
      stream.setEncoding('utf8').on('data', (text: string) => log.push(text));
      return log;
    });
    if (child.pid !== undefined) writeFileSync(pidFile(home), `${child.pid}\n`);
    const beganMs = performance.now();
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const ended = (how: string): void => {
        if (this.#child === child) {
          this.#child = undefined;
          clearTimeout(this.#killer);
          this.#killer = undefined;
          const words = logs.map((log) => log.lastWords()).join(' ');
          this.#again(how, words.trim(), performance.now() - beganMs);
        }
        resolve();
      };
      // Not before its last words are read.
      child.once('close', (code, signal) => ended(signal === null ? `code ${code}` : signal));
      child.once('error', (error) => ended(error.message));
    });
  }

  #again(how: string, words: string, ranMs: number): void {
    if (this.#stopped || this.#restarting) return;
    if (ranMs >= GOOD_RUN_MS) this.#pauseMs = FIRST_PAUSE_MS;
    this.#options.onFault({
      code: 'cometbft-ended',
      message: `CometBFT ended (${how}) and is started again in ${this.#pauseMs} ms${words === '' ? '.' : `: ${words}`}`,
    });
    this.#timer = setTimeout(() => this.#spawn(), this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LAST_PAUSE_MS);
  }

  /** Ends it in order, does what is to be done without it, and starts it again. One at a time. */
  async restart(between: () => Promise<void>): Promise<void> {
    this.#restarting = true;
    await this.#end();
    await between();
    this.#restarting = false;
    this.#spawn();
  }

  /** Ends it; kills it where it does not end in time. `kill`: at once, as it waits for an answer that does not come. */
  async stop(kill = false): Promise<void> {
    this.#stopped = true;
    await this.#end(kill);
  }

  async #end(kill = false): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    child.kill(kill ? 'SIGKILL' : 'SIGTERM');
    this.#killLater(child);
    await this.#ended;
  }
}
