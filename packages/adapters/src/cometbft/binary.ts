import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail, ok, type Result } from '@iotw/kernel/result';

/** The version that is pinned: tests run it, `iotw doctor` names it. */
export const COMETBFT_VERSION = '0.38.26';

/** ABCI 2.0 is the 0.38 line; releases before this one have known faults in block and state sync. */
const LEAST_PATCH = 19;

/** How to get it, for messages. */
export const GET_COMETBFT = `go install github.com/cometbft/cometbft/cmd/cometbft@v${COMETBFT_VERSION}, or name it by IOTW_COMETBFT`;

/** What asking for the version may take, ms. */
const ANSWER_MS = 10_000;

/**
 * Where CometBFT's binary is: the file that the configuration names, else the one that IOTW_COMETBFT names, else
 * the first on the PATH. undefined where there is none; a named file is not looked at here.
 */
export function findCometBft(named?: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (named !== undefined) return named;
  if (env.IOTW_COMETBFT) return env.IOTW_COMETBFT;
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'cometbft')).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether this release may drive a ledger server. Errors: `cometbft-version`. */
export function checkCometBftVersion(version: string): Result<string> {
  const match = /^v?0[.]38[.](\d+)(?:[-+].*)?$/.exec(version);
  if (match !== null && Number(match[1]) >= LEAST_PATCH) return ok(version);
  return fail(
    'cometbft-version',
    `CometBFT ${version} can't drive a ledger server, 0.38.${LEAST_PATCH} or later of that line can: ${GET_COMETBFT}.`,
    { version },
  );
}

/** The version that the binary says it has. Errors: `cometbft-missing` (it does not run), `cometbft-version`. */
export function cometBftVersion(file: string): Promise<Result<string>> {
  return new Promise((resolve) => {
    execFile(file, ['version'], { timeout: ANSWER_MS }, (error, out) => {
      if (error === null) resolve(checkCometBftVersion(out.trim().split(/\s/, 1)[0]!));
      else {
        const why = (error as NodeJS.ErrnoException).code ?? error.message;
        resolve(fail('cometbft-missing', `${file} does not run (${why}): ${GET_COMETBFT}.`, { file }));
      }
    });
  });
}
