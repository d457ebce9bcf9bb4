import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import type { Genesis } from '@iotw/protocol/genesis';
import { NODE_ROLE, type Operation } from '@iotw/protocol/operations';
import { encodeProposal, PROPOSAL_KIND, type ProposalContent } from '@iotw/protocol/proposals';
import { describe, expect, it } from 'vitest';
import { ChainState } from './chain-state.js';

const key = (n: number) => keyPairFromSeed(new Uint8Array(32).fill(n)).publicKey;
const GENESIS = {
  trustNodes: [{ key: key(1), linkKey: key(11) }],
  ledgerServers: [{ key: key(2), linkKey: key(12), vrfKey: key(3) }],
  devices: [],
  committee: [key(20)],
  committeeThreshold: 1,
} as unknown as Genesis;

const MOMENT = { round: 1, term: 5 };

const rotation = (role: number, index: number): Operation => ({
  type: 'keyRotate',
  ...{ role, index, key: key(9), linkKey: key(8), signature: new Uint8Array(64) },
});

describe('a key rotation', () => {
  it('replaces the key of a node, and keeps the old one for the round under way', () => {
    const state = new ChainState(GENESIS);
    state.applied([rotation(NODE_ROLE.trust, 0), rotation(NODE_ROLE.ledger, 0)], key(4), MOMENT);
    expect([state.trustNodeKeys, state.ledgerServerKeys]).toEqual([[key(9)], [key(9)]]);
    expect([...state.replacedKeys]).toEqual([[0, key(2)]]);
  });

  it('of a node that is not there changes nothing: anybody can write one into forged data', () => {
    const state = new ChainState(GENESIS);
    state.applied(
      [rotation(NODE_ROLE.trust, 1), rotation(NODE_ROLE.ledger, 65_535), rotation(7, 0)],
      key(4),
      MOMENT,
    );
    expect([state.trustNodeKeys, state.ledgerServerKeys]).toEqual([[key(1)], [key(2)]]);
    expect(state.replacedKeys.size).toBe(0);
  });
});

describe('what the committee adopted', () => {
  const adopted = (...contents: readonly ProposalContent[]) => {
    const state = new ChainState(GENESIS);
    for (const content of contents) {
      const kind = PROPOSAL_KIND[content.kind];
      const operation = { type: 'propose' as const, kind, expiryEpoch: 9, content: encodeProposal(content) };
      state.applied([operation], key(20), MOMENT);
    }
    state.edge(0, 2);
    return state;
  };
  const admit = (n: number, linkKey: number): ProposalContent => ({
    kind: 'trustNodeAdmit',
    content: {
      ...{ key: key(n), linkKey: key(linkKey), account: key(30), region: 0, cloud: 0 },
      operator: new Uint8Array(0),
    },
  });
  const suspend = (index: number): ProposalContent => ({ kind: 'trustNodeSuspend', content: { index } });

  it('admits one of two nodes with one key, as the ledger does: the numbers of later ones stay', () => {
    const { trustNodeKeys } = adopted(admit(5, 15), admit(5, 16), admit(6, 15), admit(7, 17));
    expect(trustNodeKeys).toEqual([key(1), key(5), key(7)]);
  });

  it('never suspends the last trust node, nor one that is not there', () => {
    expect(adopted(admit(5, 15), suspend(9), suspend(0), suspend(1)).standingNodes).toBe(1);
  });
});
