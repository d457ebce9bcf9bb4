import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '@iotw/kernel/result';

/**
 * Writes a file that is not there yet, readable by its owner only, with the directories above it.
 * Errors: `genesis-exists` (nothing is overwritten), `file-unwritable`.
 */
export function writeNew(path: string, text: string): Promise<Result<void>> {
  return writeNewBytes(path, text);
}

/** The same for bytes. */
export async function writeNewBytes(path: string, text: string | Uint8Array): Promise<Result<void>> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, text, { mode: 0o600, flag: 'wx', flush: true });
    return ok(undefined);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      return fail(
        'genesis-exists',
        `${path} is there already: choose another --dir. Nothing was overwritten.`,
        { path },
      );
    }
    return fail(
      'file-unwritable',
      `${path} can't be written (${code ?? String(error)}): check path and rights.`,
      { path },
    );
  }
}
