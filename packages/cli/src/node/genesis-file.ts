import { readFile } from 'node:fs/promises';
import { fail, type Result } from '@iotw/kernel/result';
import { checkGenesis } from '@iotw/ledger/genesis-check';
import type { Genesis } from '@iotw/protocol/genesis';
import { genesisFromJson } from '@iotw/protocol/genesis-json';

/**
 * Reads a genesis file that a network can start from. Errors: `config-unreadable`, `config-invalid`,
 * `genesis-json` (names the member), and those of checkGenesis.
 */
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
  const genesis = genesisFromJson(json);
  if (!genesis.ok) return genesis;
  const startable = checkGenesis(genesis.value);
  return startable.ok ? genesis : startable;
}
