import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fail, ok, type Result } from '@iotw/kernel/result';

/** One JSON line of a child; `kind` tells what it is. */
export interface ChildLine {
  readonly kind: string;
  readonly [member: string]: unknown;
}

/** A child process that speaks JSON lines on stdout and ends on SIGTERM. */
export class Child {
  readonly process: ChildProcess;
  readonly ended: Promise<number>;
  readonly #name: string;
  readonly #lines: ((line: ChildLine) => void)[] = [];
  #stderr = '';

  /** Starts `node flags program args`; `under`: words before it, such as `ip netns exec NAME`. */
  constructor(
    name: string,
    program: string,
    args: readonly string[],
    flags: readonly string[] = [],
    under: readonly string[] = [],
  ) {
    this.#name = name;
    const [file, ...words] = [...under, process.execPath, ...flags, program, ...args];
    this.process = spawn(file!, words, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => {
      this.process.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
      this.process.once('error', () => resolve(127));
    });
    createInterface({ input: this.process.stdout! }).on('line', (text) => {
      const line = parse(text);
      if (line !== undefined) for (const listener of this.#lines) listener(line);
    });
    this.process.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-4_096);
    });
    // Writing to a child that is gone is no fault of ours.
    this.process.stdin!.on('error', () => {});
  }

  onLine(listener: (line: ChildLine) => void): void {
    this.#lines.push(listener);
  }

  /** The first line of `kind`. Errors: what a line of kind `failed` says, else `child-ended`. */
  async first(kind: string): Promise<Result<ChildLine>> {
    return new Promise((resolve) => {
      this.onLine((line) => {
        if (line.kind === kind) resolve(ok(line));
        else if (line.kind === 'failed') resolve(fail(String(line.code), String(line.message)));
      });
      void this.ended.then((code) => {
        const said = this.#stderr.trim();
        resolve(
          fail('child-ended', `The ${this.#name} ended with code ${code}${said === '' ? '' : `: ${said}`}`),
        );
      });
    });
  }

  /** Asks the child to end; kills it after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(timer);
  }
}

function parse(text: string): ChildLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'kind' in value ? (value as ChildLine) : undefined;
  } catch {
    return undefined;
  }
}
