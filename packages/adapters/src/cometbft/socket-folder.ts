import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result } from '@iotw/kernel/result';

const PREFIX = 'iotw-abci-';
/** In the home: where the socket lies, so that the start after a kill clears it away. */
const NOTE = 'socket-folder';

/**
 * A fresh folder for the ABCI socket, which only this user may enter; the one that a killed process of the same
 * home left behind is removed. A socket's path has about 100 bytes: too few for any data directory.
 * Errors: `cometbft-home`.
 */
export async function makeSocketFolder(home: string): Promise<Result<string>> {
  const note = join(home, NOTE);
  const old = await readFile(note, 'utf8').catch(() => undefined);
  try {
    if (old !== undefined && dirname(old) === tmpdir() && basename(old).startsWith(PREFIX))
      await rm(old, { recursive: true, force: true });
    await mkdir(home, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(tmpdir(), PREFIX));
    await writeFile(note, folder, { mode: 0o600 });
    return ok(folder);
  } catch (error) {
    const why = (error as Error).message;
    return fail('cometbft-home', `A folder for the socket of ${home} can't be made: ${why}.`, { home });
  }
}
