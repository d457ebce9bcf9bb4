import type { ProposalContent, ProposalKind } from '@iotw/protocol/proposals';
import type { State } from '../state.js';
import { apiServerAdmit } from './api-server-admit.js';
import { apiServerReinstate, apiServerSuspend } from './api-server-standing.js';
import { committee } from './committee.js';
import { deviceReinstate } from './device-reinstate.js';
import { emergencyBeacon } from './emergency-beacon.js';
import { ledgerServerAdmit } from './ledger-server-admit.js';
import { ledgerServerReinstate } from './ledger-server-reinstate.js';
import { ledgerServerSuspend } from './ledger-server-suspend.js';
import { makerAdmit } from './maker-admit.js';
import { makerQuota } from './maker-quota.js';
import { makerReinstate } from './maker-reinstate.js';
import { makerSuspend } from './maker-suspend.js';
import { parameters } from './parameters.js';
import type { Effect, ProposalRule } from './rule.js';
import { trustNodeAdmit } from './trust-node-admit.js';
import { trustNodeReinstate } from './trust-node-reinstate.js';
import { trustNodeSuspend } from './trust-node-suspend.js';
import { upgrade } from './upgrade.js';

const RULES: { readonly [K in ProposalKind]: ProposalRule<K> } = {
  makerAdmit,
  makerSuspend,
  makerReinstate,
  trustNodeAdmit,
  trustNodeSuspend,
  trustNodeReinstate,
  ledgerServerAdmit,
  ledgerServerSuspend,
  ledgerServerReinstate,
  parameters,
  committee,
  deviceReinstate,
  emergencyBeacon,
  makerQuota,
  apiServerAdmit,
  apiServerSuspend,
  apiServerReinstate,
  upgrade,
};

/** The rule of a proposal, bound to what it says. */
export function ruleOf({ kind, content }: ProposalContent): {
  readonly effect: Effect;
  check(state: State): number;
  execute(state: State, ended: number): number;
} {
  const rule = RULES[kind] as unknown as ProposalRule<never>;
  return {
    effect: rule.effect,
    check: (state) => rule.check(state, content as never),
    execute: (state, ended) => rule.execute(state, content as never, ended),
  };
}
