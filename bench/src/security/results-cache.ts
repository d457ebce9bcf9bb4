import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Hex digest over names and content of all compiled code in folders: what a result depends on. */
export function digestOf(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders)
    for (const name of (readdirSync(folder, { recursive: true }) as string[]).sort())
      if (name.endsWith('.js') && !name.endsWith('.test.js'))
        hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Finished jobs as files of `folder`/`digest`, so that a run that was interrupted goes on; results of other code go. */
export class ResultsCache {
  readonly #folder: string;

  constructor(folder: string, digest: string) {
    this.#folder = join(folder, digest);
    mkdirSync(this.#folder, { recursive: true });
    for (const other of readdirSync(folder))
      if (other !== digest) rmSync(join(folder, other), { recursive: true });
  }

  /** What was put under this name, or undefined. */
  get(name: string): unknown {
    try {
      return JSON.parse(readFileSync(this.#file(name), 'utf8'));
    } catch {
      // Not there, or cut off: it is worked out again.
      return undefined;
    }
  }

  /** A result that JSON can hold; whole or not at all. */
  put(name: string, result: unknown): void {
    const file = this.#file(name);
    writeFileSync(`${file}.new`, JSON.stringify(result));
    renameSync(`${file}.new`, file);
  }

  #file(name: string): string {
    return join(this.#folder, `${name.replaceAll(/[^a-z0-9-]+/gi, '_')}.json`);
  }
}
