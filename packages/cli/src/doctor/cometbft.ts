import { cometBftVersion, GET_COMETBFT } from '@iotw/adapters/cometbft/binary';
import { bad, type Finding, good, warning } from './check.js';

/** Whether CometBFT is there: a network with several ledger servers runs on it, one ledger server does not. */
export async function checkCometBft(needed: boolean, file: string | undefined): Promise<Finding> {
  const name = 'CometBFT';
  const lacking = needed ? bad : warning;
  if (file === undefined)
    return lacking(name, 'not found: several ledger servers need it, one does not', GET_COMETBFT);
  const version = await cometBftVersion(file);
  if (!version.ok) return lacking(name, version.error.message, GET_COMETBFT);
  return good(name, `${version.value} (${file})`);
}
