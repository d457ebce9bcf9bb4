import { readFile, stat } from 'node:fs/promises';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Io } from '../output/print.js';

/** Secrets come from a hidden prompt or a file, never from the command line, where every process could read them. */
export interface SecretSource {
  /** What is asked for, such as `Password of wallet savings`. */
  readonly prompt: string;
  /** Option that names the file, such as `--password-file`. */
  readonly option: string;
  readonly file: string | undefined;
  /** Asked twice: a new password. */
  readonly twice?: boolean;
}

const OTHERS = 0o077;

/**
 * Reads one secret: the first line of the file, or what is typed.
 * Codes: `secret-missing` (no terminal and no file), `secret-unreadable`, `secret-mismatch` (typed two different
 * ones), `interrupted`.
 */
export async function readSecret(io: Io, source: SecretSource): Promise<Result<string>> {
  if (source.file !== undefined) return readSecretFile(io, source.file);
  if (!io.inIsTerminal || !io.errIsTerminal) {
    return fail(
      'secret-missing',
      `${source.prompt}: there is no terminal to ask; give ${source.option} FILE.`,
    );
  }
  const typed = await ask(source.prompt);
  if (!typed.ok || source.twice !== true) return typed;
  const again = await ask(`${source.prompt} (again)`);
  if (!again.ok) return again;
  if (again.value === typed.value) return typed;
  return fail('secret-mismatch', 'The two inputs differ: nothing was done, try again.');
}

async function ask(message: string): Promise<Result<string>> {
  const { isCancel, password } = await import('@clack/prompts');
  // Results go to stdout alone: the question must not end up in a pipe.
  const answer = await password({ message, output: process.stderr });
  if (isCancel(answer)) return fail('interrupted', 'Stopped: nothing was done.');
  return ok(answer ?? '');
}

async function readSecretFile(io: Io, path: string): Promise<Result<string>> {
  try {
    const text = await readFile(path, 'utf8');
    if (((await stat(path)).mode & OTHERS) !== 0) {
      io.err(`note: other users may read ${path}; mend it with: chmod 600 ${path}\n`);
    }
    return ok(text.split(/\r?\n/, 1)[0]!);
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail('secret-unreadable', `${path} can't be read (${cause}): check the path and its rights.`, {
      path,
    });
  }
}
