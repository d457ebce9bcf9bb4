import type { StoreFault } from '@iotw/kernel/ports/store';
import { type Failure, fail } from '@iotw/kernel/result';

/** Opening fails with these besides the store's faults. */
export type StoreOpenFault = StoreFault | 'store-locked' | 'store-path';

/** lmdb.h: the return codes that speak of the file's content. */
const CORRUPT = new Set([-30797, -30796, -30794, -30793, -30779]);
const MAP_FULL = -30792;
const PATH = new Set(['EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'EROFS', 'ENAMETOOLONG', 'ENOENT', 'EINVAL']);
const PATH_ERRNO = new Set([1, 2, 13, 17, 20, 22, 30, 36]);

/** The stable code of an error thrown by the operating system or by LMDB (errno, or lmdb.h's negative codes). */
export function faultCode(error: unknown, opening: boolean): StoreOpenFault {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code === 'number' && CORRUPT.has(code)) return 'store-corrupt';
  if (code === MAP_FULL) return 'store-full';
  if (opening && typeof code === 'string' && PATH.has(code)) return 'store-path';
  if (opening && typeof code === 'number' && PATH_ERRNO.has(code)) return 'store-path';
  return 'store-io';
}

export function asFailure(
  error: unknown,
  path: string,
  opening = false,
): { readonly ok: false; readonly error: Failure<StoreOpenFault> } {
  const code = faultCode(error, opening);
  return fail(code, faultText(code, path, error), { path });
}

/** What went wrong at `path`, and what to do where the error itself does not say. */
export function faultText(code: StoreOpenFault, path: string, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return code === 'store-io'
    ? `The disk failed at ${path} (${text}): check it and the system's log, then start again.`
    : `${path}: ${text}`;
}

/** The error an armed failpoint plays, shaped as the operating system's. */
export function playedError(action: 'eio' | 'enospc'): Error & { code: number } {
  return action === 'eio'
    ? Object.assign(new Error('Input/output error'), { code: 5 })
    : Object.assign(new Error('No space left on device'), { code: 28 });
}
