import { readFile } from 'node:fs/promises';
import { fail, type Result } from '@iotw/kernel/result';
import type { Genesis } from '@iotw/protocol/genesis';
import { genesisFromJson } from '@iotw/protocol/genesis-json';

/** Reads a genesis file. Errors: `config-unreadable`, `genesis-json` (names the member). */
export async function readGenesisFile(path: string): Promise<Result<Genesis>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return fail(
      'config-unreadable',
      `The genesis ${path} can't be read: check the path and its permissions.`,
      { path },
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return fail('config-invalid', `The genesis ${path} is not JSON: ${(error as Error).message}.`, { path });
  }
  return genesisFromJson(json);
}
