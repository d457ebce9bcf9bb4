import { fromUtf8 } from '@iotw/kernel/bytes';
import { brokenParameter } from '@iotw/protocol/parameter-rules';
import { type Parameters, ParametersType, SEED_SOURCE } from '@iotw/protocol/parameters';
import type { ProposalContents } from '@iotw/protocol/proposals';
import { RESULT_CODES } from '@iotw/protocol/result';
import { thresholdOf } from '../beacon-ceremony.js';
import { POOL_LEAD } from '../tables/epochs.js';
import type { ProposalRule } from './rule.js';

type Changes = ProposalContents['parameters'];

/**
 * New values of parameters by name, the election mode among them; they count from the first epoch that is
 * frozen with them. Codes: `proposal-parameter` (unknown, doubled, wider than its field), `proposal-no-change`,
 * `proposal-undecidable` (the network could not run on them, see protocol/parameter-rules.ts; or too few ledger servers are in service
 * to share the key they ask for).
 */
export const parameters: ProposalRule<'parameters'> = {
  effect: 'edge',
  check: (state, content) => {
    const before = state.nextParameters;
    const after = changed(before, content);
    if (after === undefined) return RESULT_CODES['proposal-parameter'];
    if (ParametersType.equals(before, after)) return RESULT_CODES['proposal-no-change'];
    const { ledgerServers, apiServers } = state;
    const voters = ledgerServers.voting().length;
    const broken = brokenParameter(after, voters, apiServers.rows) !== undefined;
    // The quorum counts suspended servers too (spec: clause 14.6).
    const quorum = thresholdOf(after.beaconThreshold, ledgerServers.rows);
    const unsigned = after.seedSource === SEED_SOURCE.threshold && voters < quorum;
    return broken || unsigned ? RESULT_CODES['proposal-undecidable'] : 0;
  },
  execute: (state, content, ended) => {
    state.pendingParameters = changed(state.nextParameters, content)!;
    return ended + POOL_LEAD;
  },
};

function changed(before: Parameters, { changes }: Changes): Parameters | undefined {
  const after: Record<string, number> = { ...before };
  const seen = new Set<string>();
  for (const { name: bytes, value } of changes) {
    const name = fromUtf8(bytes);
    if (name === undefined || seen.has(name) || !Object.hasOwn(ParametersType.fields, name)) return undefined;
    const width = ParametersType.fields[name as keyof Parameters].fixedSize!;
    if (width < 7 && value >= 2 ** (8 * width)) return undefined;
    seen.add(name);
    after[name] = value;
  }
  return seen.size === 0 ? undefined : (after as unknown as Parameters);
}
