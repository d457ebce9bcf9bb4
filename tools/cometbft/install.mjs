// The pinned CometBFT, for tests: found where the product finds it, else built with the Go toolchain into
// node_modules/.cache. `node tools/cometbft/install.mjs` does it by hand and prints where it is.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../tidy/files.mjs';

/** What the build may take, ms. */
const INSTALL_MS = 900_000;
const BINARY = join(ROOT, 'packages/adapters/src/cometbft/binary.ts');

/** The version that the adapter pins; read from its source, as this runs before any build. */
export function pinnedVersion() {
  return /COMETBFT_VERSION = '([0-9.]+)'/.exec(readFileSync(BINARY, 'utf8'))[1];
}

/** Folder of the build that tests use. */
export function cacheFolder() {
  return join(ROOT, 'node_modules', '.cache', `cometbft-${pinnedVersion()}`);
}

/** @returns {string | undefined} the binary that tests run */
export function findForTests(env = process.env) {
  if (env.IOTW_COMETBFT) return env.IOTW_COMETBFT;
  const folders = [cacheFolder(), ...(env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')];
  return folders.map((folder) => join(folder, 'cometbft')).find(existsSync);
}

/**
 * Builds it where it is not found. Says in one line what it does, or what tests will skip without it.
 * @returns {string | undefined} the binary
 */
export function installCometBft() {
  const found = findForTests();
  if (found !== undefined) return found;
  const module = `github.com/cometbft/cometbft/cmd/cometbft@v${pinnedVersion()}`;
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    console.log(
      `skipped: no CometBFT and no Go to build it, so no test runs ledger servers on it: go install ${module}, or name it by IOTW_COMETBFT`,
    );
    return undefined;
  }
  console.log(`no CometBFT: trying go install ${module}`);
  const env = { ...process.env, GOBIN: cacheFolder(), GOFLAGS: '' };
  const built = spawnSync('nice', ['go', 'install', module], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_MS,
  });
  if (built.status === 0) return findForTests();
  const said = built.stderr?.toString().trim().split('\n').at(-1) ?? '';
  console.log(`skipped: CometBFT could not be built, so no test runs ledger servers on it: ${said}`);
  return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(installCometBft() ?? 'none');
