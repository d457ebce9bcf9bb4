import { readFile } from 'node:fs/promises';
import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Genesis } from '@iotw/protocol/genesis';
import { type PublicData, publicDataFromJson } from '@iotw/protocol/public-data';
import type { Connection } from '@iotw/sdk/client/connection';
import { getGenesis } from '@iotw/sdk/client/genesis';
import { fetchSignerChanges } from '@iotw/sdk/client/signer-changes';
import type { Check } from '@iotw/sdk/verify/checks';
import { type DataReport, type PublicTrust, verifyPublicData } from '@iotw/sdk/verify/public/verify-data';
import { readGenesisFile } from '../node/genesis-file.js';
import type { Style } from '../output/style.js';

export interface VerifyOptions {
  readonly genesis?: string;
  readonly network?: string;
  readonly pool?: boolean;
  /** File of public data that holds the changes of who signs. */
  readonly signers?: string;
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

/**
 * Who signed which round: the genesis' keys and every change since, as the server's public data shows them. Codes: those of
 * a call, `signer-changes-not-genuine`.
 */
export async function signersOf(
  server: Connection,
  trust: PublicTrust,
): Promise<Result<DataReport['signersAt']>> {
  const changes = await fetchSignerChanges(server);
  return changes.ok ? signersBy(changes.value, trust) : changes;
}

/** The same from a file that --save kept. */
export function signersBy(changes: PublicData, trust: PublicTrust): Result<DataReport['signersAt']> {
  const report = verifyPublicData(changes, trust);
  if (!report.ok) return report;
  const [first] = report.value.failed;
  if (first === undefined) return ok(report.value.signersAt);
  return fail(
    'signer-changes-not-genuine',
    `What is said to have changed who signs is not genuine (${first.subject}, ${first.name}): ${first.reason} Ask another server.`,
  );
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

/** Public data of a file. Codes: `file-unreadable`, `public-data-json`. */
export async function readData(path: string): Promise<Result<PublicData>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail('file-unreadable', `${path} can't be read (${cause}): check it.`, { path });
  }
  try {
    return publicDataFromJson(JSON.parse(text));
  } catch {
    return fail('public-data-json', `The file ${path} is no JSON: export it again.`, { pointer: '' });
  }
}
