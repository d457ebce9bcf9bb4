import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { z } from 'zod';
import { type Identities, signersOf } from './identities.js';

/** In the data directory: which process runs these nodes, and the public signing keys that it holds for each. */
const NAME = 'held-keys.json';

const schema = z.object({ pid: z.number().int().min(2), nodes: z.record(z.string(), z.array(z.string())) });

export type HeldKeysFile = z.infer<typeof schema>;

/**
 * Writes down what this process holds, at its start and when it has read its key file again: so that another program
 * sees that it has taken the next keys. Error: `file-unwritable`.
 */
export async function writeHeldKeys(data: string, identities: Identities): Promise<Result<void>> {
  const nodes = Object.fromEntries(
    signersOf(identities).map(([self, { keys, nextKeys }]) => [
      self,
      [keys, ...(nextKeys === undefined ? [] : [nextKeys])].map(({ publicKey }) => toHex(publicKey)),
    ]),
  );
  const path = join(data, NAME);
  const held: HeldKeysFile = { pid: process.pid, nodes };
  try {
    await writeFile(`${path}.new`, `${JSON.stringify(held)}\n`);
    await rename(`${path}.new`, path);
    return ok(undefined);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail('file-unwritable', `${path} can't be written (${code ?? error}): check path and rights.`, {
      path,
    });
  }
}

/** What was written down last; undefined: nothing, or nothing that can be read. */
export async function readHeldKeys(data: string): Promise<HeldKeysFile | undefined> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(join(data, NAME), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
