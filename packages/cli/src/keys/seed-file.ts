import { readFile } from 'node:fs/promises';
import { fromHex } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';

/**
 * The key pair of a file that holds a 32-byte Ed25519 seed as 64 hex characters, as devices, batches and makers
 * keep theirs. Code: `key-file` (unreadable or something else; its content is never repeated).
 */
export async function readSeedFile(path: string): Promise<Result<KeyPair>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail('key-file', `The key file ${path} can't be read (${cause}): check the path and its rights.`, {
      path,
    });
  }
  const seed = fromHex(text.trim(), 32);
  if (seed !== undefined) return ok(keyPairFromSeed(seed));
  return fail(
    'key-file',
    `The key file ${path} must hold 64 hex characters: openssl rand -hex 32 makes one.`,
    {
      path,
    },
  );
}
