import { assert } from '@iotw/kernel/assert';
import { decodeProposal } from '@iotw/protocol/proposals';
import type { State } from '../state.js';
import { PROPOSAL_STATE } from '../tables/proposals.js';
import { ruleOf } from './table.js';

/** Counts the votes of the present committee: adopted, refused, or still open. */
export function countVotes(state: State, number: number): void {
  const { committee, proposals } = state;
  const { yes, no } = proposals.tally(number, (key) => committee.has(key));
  if (yes >= committee.threshold) {
    proposals.decide(number, 'adopted', state.round);
    if (bound(state, number).effect === 'at-once') execute(state, number, state.epoch);
  } else if (no > committee.size - committee.threshold) {
    proposals.decide(number, 'refused', state.round);
  }
}

/**
 * At the edge that ends `ended`: what was adopted takes effect in the order of the numbers, unless it became
 * impossible; what has expired dies; where the committee changed, open proposals are counted anew.
 */
export function decideAtEdge(state: State, ended: number): void {
  const { committee, proposals } = state;
  const members = () => committee.members().join();
  const before = `${committee.threshold}/${members()}`;
  for (const number of proposals.inState('adopted')) execute(state, number, ended);
  for (const number of proposals.inState('open')) {
    if (proposals.col.expiry[number]! <= ended) proposals.decide(number, 'expired', state.round);
    else if (before !== `${committee.threshold}/${members()}`) countVotes(state, number);
  }
}

function bound(state: State, number: number): ReturnType<typeof ruleOf> {
  const { proposals } = state;
  const content = decodeProposal(proposals.col.kind[number]!, proposals.content(number));
  assert(content.ok, 'a proposal was read before it was taken');
  return ruleOf(content.value);
}

function execute(state: State, number: number, ended: number): void {
  const { proposals } = state;
  const rule = bound(state, number);
  const code = rule.check(state);
  if (code !== 0) {
    proposals.set('state', number, PROPOSAL_STATE.void);
    proposals.set('code', number, code);
    return;
  }
  proposals.set('effectiveEpoch', number, rule.execute(state, ended));
  proposals.set('state', number, PROPOSAL_STATE.executed);
}
