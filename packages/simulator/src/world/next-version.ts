import { VERSION_RULES, type VersionTable } from '@iotw/ledger/version-rules';
import type { Operation } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { FIRST_VERSION } from '@iotw/protocol/versions';
import { NEXT_VERSION } from './scenario.js';

/** What its rules refuse: nobody lets a device go. */
export function refusedInNext({ type }: Operation): boolean {
  return type === 'deviceRelease';
}

const { applyDecoded } = VERSION_RULES.get(FIRST_VERSION)!;

/**
 * What the software of simulated nodes knows: the product's versions, and one made up. Whoever imports this loads the ledger's
 * rules: not what plants are made of, as a bug is planted in a file before it is loaded.
 */
export const SIMULATED_VERSIONS: VersionTable = new Map([
  ...VERSION_RULES,
  [
    NEXT_VERSION,
    {
      applyDecoded: (state, operation) =>
        refusedInNext(operation) ? RESULT_CODES['device-unknown'] : applyDecoded(state, operation),
    },
  ],
]);
