import { ok, type Result } from '@iotw/kernel/result';
import type * as abci from 'cosmjs-types/tendermint/abci/types';
import { checkCometBftVersion } from './binary.js';

/** What CometBFT calls the protocol of what runs above it; a change is an upgrade of all servers. */
const APP_VERSION = 1n;

/** Where the application stands, said to a CometBFT that says its version. Errors: those of checkCometBftVersion. */
export function applicationInfo(
  { version }: abci.RequestInfo,
  stands: { readonly height: number; readonly hash: Uint8Array },
): Result<abci.ResponseInfo> {
  const known = checkCometBftVersion(version);
  if (!known.ok) return known;
  return ok({
    data: 'iotw',
    version: '',
    appVersion: APP_VERSION,
    lastBlockHeight: BigInt(stands.height),
    lastBlockAppHash: stands.hash,
  });
}
