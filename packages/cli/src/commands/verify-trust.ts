import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Genesis } from '@iotw/protocol/genesis';
import type { Connection } from '@iotw/sdk/client/connection';
import { getGenesis } from '@iotw/sdk/client/network';
import type { Check } from '@iotw/sdk/verify/checks';
import { readGenesisFile } from '../node/genesis-file.js';
import type { Style } from '../output/style.js';

export interface VerifyOptions {
  readonly genesis?: string;
  readonly network?: string;
  readonly pool?: boolean;
}

/** The genesis of a file, or one that the server gives; and the network id that it must have, where it was named. */
export async function trustedGenesis(
  server: Connection,
  options: VerifyOptions,
): Promise<Result<{ readonly genesis: Genesis; readonly network?: Uint8Array }>> {
  const network = options.network === undefined ? undefined : fromHex(options.network, 32);
  if (options.network !== undefined && network === undefined) {
    return fail('client-network', 'The option --network is the network id: 64 characters of hex.');
  }
  const genesis =
    options.genesis === undefined ? await getGenesis(server) : await readGenesisFile(options.genesis);
  if (!genesis.ok) return genesis;
  return ok({ genesis: genesis.value, ...(network === undefined ? {} : { network }) });
}

/** One line a check, failures marked; what was expected and found below it. */
export function checkLines(
  checks: readonly (Check & { readonly subject?: string })[],
  style: Style,
): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const mark = {
    pass: style.good('pass     '),
    fail: style.bad('FAIL     '),
    unchecked: style.dim('unchecked'),
  };
  const about = Math.max(0, ...checks.map(({ subject }) => subject?.length ?? 0));
  return checks.flatMap(({ name, state, reason, subject, expected, found }) => {
    const who = subject === undefined ? '' : `${subject.padEnd(about)}  `;
    const line = `${mark[state]}  ${who}${name.padEnd(width)}  ${reason}`;
    return expected === undefined ? [line] : [line, `           expected ${expected}, found ${found}`];
  });
}
