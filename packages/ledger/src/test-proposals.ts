/** Test support: a network whose steering committee acts, and what it proposes. */
import { assert } from '@iotw/kernel/assert';
import { utf8 } from '@iotw/kernel/bytes';
import type { Parameters } from '@iotw/protocol/parameters';
import type { ProposalContent, ProposalContents } from '@iotw/protocol/proposals';
import type { LedgerOptions } from './ledger.js';
import { publicKey, TestNetwork, testGenesis } from './test-network.js';
import { proposeOp, voteOp } from './test-operations.js';

const MEMBERS = ['member0', 'member1', 'member2', 'newMember'];

/** The test network, whose committee of three (threshold two) has money; `newMember` is none of it. */
export function committeeNetwork(
  parameters: Partial<Parameters> = {},
  options: LedgerOptions = {},
): TestNetwork {
  const { accounts } = testGenesis();
  const funded = MEMBERS.map((name) => ({ key: publicKey(name), amount: 1_000_000 }));
  return new TestNetwork({ parameters, genesis: { accounts: [...accounts, ...funded] } }, options);
}

export const of = <K extends ProposalContent['kind']>(kind: K, content: ProposalContents[K]) =>
  ({ kind, content }) as ProposalContent;

export const changes = (values: Record<string, number>): ProposalContent => ({
  kind: 'parameters',
  content: { changes: Object.entries(values).map(([name, value]) => ({ name: utf8(name), value })) },
});

/** Member 0 proposes, member 1 says yes: adopted. Gives the proposal's number. */
export function adopt(t: TestNetwork, proposal: ProposalContent): number {
  const proposed = t.send('member0', proposeOp(proposal, t.ledger.epoch + 5)).code;
  assert(proposed === 'ok', `the proposal was refused: ${proposed}`);
  const number = t.ledger.proposals.rows - 1;
  const voted = t.send('member1', voteOp(number)).code;
  assert(voted === 'ok', `the vote was refused: ${voted}`);
  return number;
}

/** A node as an admission names it: its keys by its name. */
export function newNode(name: string) {
  return {
    ...{ key: publicKey(name), linkKey: publicKey(`${name} link`), account: publicKey(`${name} account`) },
    ...{ region: 1, cloud: 0, operator: utf8(name) },
  };
}
