import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { encodeProposal, PROPOSAL_KIND, type ProposalContent } from '@iotw/protocol/proposals';
import { describe, expect, it } from 'vitest';
import { Governance } from './governance.js';

const members = [0, 1, 2, 3].map((i) => keyPairFromSeed(new Uint8Array(32).fill(i)).publicKey);
const [a, b, c, d] = members as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const reinstate = (device: number): ProposalContent => ({ kind: 'deviceReinstate', content: { device } });
const propose = (content: ProposalContent, expiryEpoch = 9) => ({
  type: 'propose' as const,
  ...{ kind: PROPOSAL_KIND[content.kind], expiryEpoch, content: encodeProposal(content) },
});
const vote = (proposal: number, approve = 1) => ({ type: 'vote' as const, proposal, approve });

describe('votes of the committee', () => {
  it('make a proposal take effect at the edge after the threshold, once, in order', () => {
    const g = new Governance({ committee: members, committeeThreshold: 2 });
    g.applied(propose(reinstate(7)), a);
    g.applied(propose(reinstate(8)), b);
    expect(g.edge(0)).toEqual([]);
    g.applied(vote(1), c);
    g.applied(vote(0), c);
    expect(g.edge(1)).toEqual([reinstate(7), reinstate(8)]);
    expect(g.edge(2)).toEqual([]);
  });

  it('count once, by members only, and not after the expiry or a refusal', () => {
    const g = new Governance({ committee: members, committeeThreshold: 3 });
    g.applied(propose(reinstate(1)), a);
    g.applied(vote(0), a);
    g.applied(vote(0), new Uint8Array(32));
    g.applied(vote(0), b);
    expect(g.edge(0)).toEqual([]);
    g.applied(propose(reinstate(2), 1), a);
    g.applied(vote(1, 0), b);
    g.applied(vote(1, 0), c);
    g.applied(vote(1), d);
    g.applied(vote(0), c);
    expect(g.edge(1)).toEqual([reinstate(1)]);
    g.applied(propose(reinstate(3), 2), a);
    expect(g.edge(2)).toEqual([]);
    g.applied(vote(2), b);
    g.applied(vote(2), c);
    expect(g.edge(3)).toEqual([]);
  });

  it('are counted anew where the committee changed', () => {
    const g = new Governance({ committee: members, committeeThreshold: 2 });
    g.applied(propose(reinstate(1)), d);
    const smaller: ProposalContent = { kind: 'committee', content: { threshold: 1, members: [d] } };
    g.applied(propose(smaller), a);
    g.applied(vote(1), b);
    expect(g.edge(0)).toEqual([smaller]);
    expect(g.edge(1)).toEqual([reinstate(1)]);
  });
});
