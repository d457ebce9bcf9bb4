// One device that runs: an image on an emulated board, or a program of this machine's or a router's instruction set.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The ports report once in this time, s: the Linux port is told so, the board's image has it built in. */
const REPORT_S = 5;
/** Lines kept of what a device said. */
const KEPT_LINES = 50;

/** @param {string[]} program @param {string} store @returns {string[]} command of the Linux port */
export function linuxCommand(program, store) {
  return [...program, 'run', store, '--report', String(REPORT_S)];
}

export class DeviceProcess {
  #child;
  #ended = false;
  /** What it said last, without its reports. @type {string[]} */
  lines = [];
  /** Its last report: counts by name (core/report.c). @type {Record<string, number>} */
  report = {};
  /** The deepest its stack ever was, bytes, where the port measures it. */
  stack = 0;

  /** @param {string[]} command */
  constructor([program, ...words]) {
    this.#child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.once('exit', () => {
      this.#ended = true;
    });
    this.#child.once('error', (error) => {
      this.#ended = true;
      this.#heard(String(error));
    });
    for (const input of [this.#child.stdout, this.#child.stderr])
      createInterface({ input }).on('line', (line) => this.#heard(line));
  }

  #heard(line) {
    const stack = /^stack (\d+)$/.exec(line);
    if (stack !== null) this.stack = Math.max(this.stack, Number(stack[1]));
    else if (line.startsWith('[{"bn"')) this.report = countsOf(line);
    else this.lines = [...this.lines, line].slice(-KEPT_LINES);
  }

  get ended() {
    return this.#ended;
  }

  get pid() {
    return this.#child.pid;
  }

  /** Whether its power was cut. */
  off = false;

  /** As if power went, without any goodbye. */
  async cutPower() {
    this.off = true;
    await this.#end('SIGKILL');
  }

  /** A program says goodbye and reports once more; a board has no such signal. */
  async stop() {
    await this.#end('SIGTERM');
  }

  async #end(signal) {
    if (this.#ended || this.#child.pid === undefined) return;
    const closed = once(this.#child, 'close');
    this.#child.kill(signal);
    await closed;
  }
}

/** The counts of a SenML pack, whose first record bears the base name. */
function countsOf(line) {
  try {
    return Object.fromEntries(JSON.parse(line).map(({ n, v }) => [n, v]));
  } catch {
    return {};
  }
}
