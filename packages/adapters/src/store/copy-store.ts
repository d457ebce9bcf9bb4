import { existsSync, mkdirSync } from 'node:fs';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { open } from 'lmdb';
import { dataFile } from './lmdb-environment.js';

/**
 * Copies the store under `path` into the directory `target`, which must be new, as it stands at one moment: after some
 * commit, whole. The process that owns the store may write on meanwhile; it must be another one than this. Errors:
 * `store-copy` (there is no store, or the copy can't be written).
 */
export async function copyStore(path: string, target: string): Promise<Result<void>> {
  // LMDB would make what is not there.
  if (!existsSync(dataFile(path))) return fail('store-copy', `There is no store under ${path}.`, { path });
  try {
    mkdirSync(target, { recursive: true, mode: 0o700 });
    const root = open({ path, readOnly: true, noSubdir: false });
    try {
      await root.backup(target, false);
    } finally {
      await root.close();
    }
    return ok(undefined);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(
      'store-copy',
      `The store under ${path} can't be copied to ${target}: ${why}. Check space and rights.`,
      { path },
    );
  }
}
