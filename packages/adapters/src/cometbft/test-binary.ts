import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { COMETBFT_VERSION, findCometBft } from './binary.js';

const CACHED = new URL(
  `../../../../node_modules/.cache/cometbft-${COMETBFT_VERSION}/cometbft`,
  import.meta.url,
);

/**
 * The CometBFT that tests run: the one of the environment, else the pinned build in node_modules/.cache
 * (`node tools/cometbft/install.mjs` makes it), else the one on the path. undefined: skip, `npm test` says why.
 */
export function cometBftForTests(): string | undefined {
  if (!process.env.IOTW_COMETBFT && existsSync(CACHED)) return fileURLToPath(CACHED);
  return findCometBft();
}
