import type { Failure } from '@iotw/kernel/result';
import { plainText } from './plain-text.js';
import { styleOf } from './style.js';

/** What a command found: one JSON value, and the same as lines for people. */
export interface Answer {
  readonly json: unknown;
  readonly text: () => readonly string[];
  /** The command did its work and its finding is bad (a receipt that proves nothing): exit code 1. */
  readonly failure?: Failure;
}

/** Where a command reads and writes; tests hand in their own. */
export interface Io {
  /** Results: stdout. */
  out(text: string): void;
  /** Progress, questions and problems: stderr. */
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  readonly color: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Resolves at the first Ctrl-C or SIGTERM; who asks takes over stopping, a second Ctrl-C ends the process. */
  stopRequested(): Promise<void>;
}

export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** Prints an answer; returns the exit code. */
export function printAnswer(io: Io, json: boolean, answer: Answer): number {
  if (json) {
    const value =
      answer.failure === undefined
        ? answer.json
        : { ...(answer.json as object), error: errorJson(answer.failure) };
    io.out(`${JSON.stringify(value)}\n`);
  } else {
    const lines = answer.text();
    if (lines.length > 0) io.out(`${lines.join('\n')}\n`);
    if (answer.failure !== undefined) printProblem(io, false, answer.failure);
  }
  return answer.failure === undefined ? EXIT.ok : EXIT.failure;
}

/** Prints an expected failure: to stderr, with --json as one object to stdout. */
export function printProblem(io: Io, json: boolean, failure: Failure): void {
  if (json) {
    io.out(`${JSON.stringify({ error: errorJson(failure) })}\n`);
    return;
  }
  const style = styleOf(io.color);
  io.err(`${style.bad(failure.code)}: ${failure.message.split('\n').map(plainText).join('\n')}\n`);
}

function errorJson(failure: Failure): Record<string, unknown> {
  const { code, message, data } = failure;
  return data === undefined ? { code, message } : { code, message, data };
}
