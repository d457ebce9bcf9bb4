import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(import.meta.resolve('@iotw/cli/main'));

/** How a node's process ended. */
export interface NodeEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it said on stdout as its error, where it did. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly stderr: string;
}

/** One life of a node: `iotw node --json`, from start to end. */
export class NodeRun {
  readonly ended: Promise<NodeEnd>;
  /** Resolves with the ms from its start to the line that says it is ready; undefined where it ended before. */
  readonly ready: Promise<number | undefined>;
  readonly #process: ChildProcess;

  constructor(configPath: string, failpoints: string | undefined) {
    const began = performance.now();
    this.#process = spawn(process.execPath, [PROGRAM, 'node', '--config', configPath, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, IOTW_FAILPOINTS: failpoints ?? '' },
    });
    let error: NodeEnd['error'];
    let stderr = '';
    this.#process.stderr!.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-2_000);
    });
    let announce: (readyMs: number | undefined) => void;
    this.ready = new Promise((resolve) => {
      announce = resolve;
    });
    createInterface({ input: this.#process.stdout! }).on('line', (text) => {
      const line = parse(text);
      if (line.kind === 'ready') announce(performance.now() - began);
      if (line.error !== undefined) error = line.error;
    });
    this.ended = new Promise((resolve) => {
      this.#process.once('close', (exitCode, signal) => {
        announce(undefined);
        resolve({ exitCode, signal, error, stderr: stderr.trim() });
      });
    });
  }

  /** kill -9. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Asks it to end in order. */
  terminate(): void {
    this.#process.kill('SIGTERM');
  }

  /** Lets it read its key file again. */
  reload(): void {
    this.#process.kill('SIGHUP');
  }

  /** How it ended, or undefined where it still runs after `ms`. */
  async endWithin(ms: number): Promise<NodeEnd | undefined> {
    return within(this.ended, ms);
  }
}

/** The promise's value, or undefined after `ms`. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves after `ms`. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function parse(text: string): { readonly kind?: string; readonly error?: NonNullable<NodeEnd['error']> } {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}
