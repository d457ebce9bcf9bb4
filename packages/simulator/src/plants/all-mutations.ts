import { LEDGER_MUTATIONS } from './ledger-mutations.js';
import type { Mutation } from './mutation.js';
import { RULE_MUTATIONS } from './rule-mutations.js';
import { WITNESS_MUTATIONS } from './witness-mutations.js';

/** Every bug that is planted in the code. */
export const ALL_MUTATIONS: readonly Mutation[] = [
  ...WITNESS_MUTATIONS,
  ...LEDGER_MUTATIONS,
  ...RULE_MUTATIONS,
];
