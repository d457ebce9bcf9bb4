/** Test support: software that knows a second version of the protocol. */
import { RESULT_CODES } from '@iotw/protocol/result';
import { VERSION_RULES, type VersionTable } from './version-rules.js';

const { applyDecoded } = VERSION_RULES.get(1)!;

/** As software of tomorrow would have it: in version 2 nobody can fund a lane. */
export const NEXT_VERSIONS: VersionTable = new Map([
  ...VERSION_RULES,
  [
    2,
    {
      applyDecoded: (state, operation) =>
        operation.type === 'laneFund' ? RESULT_CODES['lane-unknown'] : applyDecoded(state, operation),
    },
  ],
]);
