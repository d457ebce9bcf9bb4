import { readHeight, readOrigin } from '@iotw/adapters/cometbft/position';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';

/**
 * Whether the configured engine may go on with the rounds of this store: another one would decide other rounds than those
 * that the network has. Errors: `engine-cometbft` (the ledger's servers order it together), `engine-embedded` (one server
 * has ordered it so far).
 */
export function checkEngine(store: Pick<Store, 'get'>, round: number, cometbft: boolean): Result<void> {
  const together = readHeight(store) > 0 || readOrigin(store) !== undefined;
  if (together && !cometbft) {
    return fail(
      'engine-cometbft',
      'The servers of this ledger order it together on CometBFT: put the member cometbft back into the configuration.',
    );
  }
  if (!together && cometbft && round > 0) {
    return fail(
      'engine-embedded',
      'One server has ordered this ledger alone so far: carry it over by iotw ledger migrate first.',
    );
  }
  return ok(undefined);
}
