import type { Operation } from '@iotw/protocol/operations';
import { FIRST_VERSION } from '@iotw/protocol/versions';
import { applyDecoded } from './operations/table.js';
import type { State } from './state.js';

/**
 * What differs from version to version of the protocol (spec: clause 15). What no version has changed is no member:
 * whoever makes a rule differ adds one here, and a row to the table.
 */
export interface VersionRules {
  /** Applies one decoded operation: changes the state and gives 0, or gives a result code. */
  readonly applyDecoded: (state: State, operation: Operation) => number;
}

/** Rules by version, ascending. Rounds of a version that is not in it are neither applied nor judged. */
export type VersionTable = ReadonlyMap<number, VersionRules>;

/** What this software knows: one row for each of KNOWN_VERSIONS. */
export const VERSION_RULES: VersionTable = new Map([[FIRST_VERSION, { applyDecoded }]]);
