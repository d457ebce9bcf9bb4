import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { open } from 'lmdb';
import { DEFAULT_MAX_TABLES, dataFile, openEnvironment, openTables } from './lmdb-environment.js';
import { RewrittenValues, rewrittenPath } from './rewritten-values.js';

/** A save of the state that ends while the copies begin leaves one without the values of the other: then once more. */
const ATTEMPTS = 5;

/**
 * Copies the store under `path` into the directory `target`, which must be new, as it stands at one moment: after some
 * commit, whole. The process that owns the store may write on meanwhile; it must be another one than this. Errors:
 * `store-copy` (there is no store, or the copy can't be written).
 */
export async function copyStore(path: string, target: string): Promise<Result<void>> {
  // LMDB would make what is not there.
  if (!existsSync(dataFile(path))) return fail('store-copy', `There is no store under ${path}.`, { path });
  try {
    mkdirSync(dirname(target), { recursive: true });
    for (let attempt = 1; ; attempt++) {
      mkdirSync(target, { mode: 0o700 });
      try {
        // Begun together, so that both are of one moment, however long the larger one takes.
        const copies = [copyEnvironment(path, target)];
        if (existsSync(dataFile(rewrittenPath(path))))
          copies.push(copyEnvironment(rewrittenPath(path), rewrittenPath(target)));
        // Both ended before anything is thrown away.
        for (const done of await Promise.allSettled(copies))
          if (done.status === 'rejected') throw done.reason;
        await checkCopy(target);
        return ok(undefined);
      } catch (error) {
        rmSync(target, { recursive: true });
        if (attempt === ATTEMPTS) throw error;
      }
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(
      'store-copy',
      `The store under ${path} can't be copied to ${target}: ${why}. Check space and rights.`,
      { path },
    );
  }
}

async function copyEnvironment(path: string, target: string): Promise<void> {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const root = open({ path, readOnly: true, noSubdir: false });
  try {
    await root.backup(target, false);
  } finally {
    await root.close();
  }
}

/** Throws where a version names a value that the copy does not have. */
async function checkCopy(target: string): Promise<void> {
  const root = openEnvironment(target, DEFAULT_MAX_TABLES);
  const rewritten = new RewrittenValues(target, DEFAULT_MAX_TABLES, undefined);
  try {
    rewritten.open(openTables(root, undefined));
  } finally {
    await rewritten.close();
    await root.close();
  }
}
