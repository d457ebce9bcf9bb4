import { utf8 } from '@iotw/kernel/bytes';
import { MAX_OPEN_PROPOSALS, MAX_PROPOSAL_EPOCHS } from '@iotw/protocol/limits';
import type { Operation } from '@iotw/protocol/operations';
import type { ProposalContent } from '@iotw/protocol/proposals';
import { RESULT_CODES, resultCodeName } from '@iotw/protocol/result';
import { describe, expect, it } from 'vitest';
import { Ledger } from '../ledger.js';
import { publicKey, type TestNetwork } from '../test-network.js';
import { makerProposal, presenceOp, proposeOp, registerOp, voteOp } from '../test-operations.js';
import { adopt, changes, committeeNetwork, newNode, of } from '../test-proposals.js';
import { SavedPages } from '../test-saved-pages.js';

const stateOf = (t: TestNetwork, number: number) => t.ledger.proposals.read(number)?.state;

describe('a proposal', () => {
  it('is adopted by the threshold, takes effect at the edge, and everything of it is kept', () => {
    const t = committeeNetwork();
    expect(t.send('member0', proposeOp(makerProposal(7), 3)).code).toBe('ok');
    expect(stateOf(t, 0)).toBe('open');
    expect(t.send('member2', voteOp(0)).code).toBe('ok');
    expect(stateOf(t, 0)).toBe('adopted');
    expect(t.ledger.makers.find(7)).toBe(-1);
    t.endEpoch();
    expect(t.ledger.makers.read(t.ledger.makers.find(7))).toMatchObject({
      quota: 5,
      key: publicKey('maker7'),
    });
    expect(t.ledger.proposals.read(0)).toEqual({
      number: 0,
      kind: 0,
      state: 'executed',
      proposer: publicKey('member0'),
      epoch: 0,
      round: 1,
      expiryEpoch: 3,
      decidedRound: 2,
      effectiveEpoch: 1,
      code: 0,
      content: (proposeOp(makerProposal(7)) as { content: Uint8Array }).content,
      votes: [
        { member: publicKey('member0'), approve: true, round: 1 },
        { member: publicKey('member2'), approve: true, round: 2 },
      ],
    });
  });

  it('is refused when the threshold is out of reach, and expires when its last epoch ends', () => {
    const t = committeeNetwork();
    t.send('member0', proposeOp(makerProposal(7), 0));
    t.send('member0', proposeOp(makerProposal(8), 1));
    t.send('member1', voteOp(0, 0));
    expect(stateOf(t, 0)).toBe('open');
    t.send('member2', voteOp(0, 0));
    expect(stateOf(t, 0)).toBe('refused');
    expect(t.send('member1', voteOp(0)).code).toBe('proposal-closed');
    t.endEpoch();
    expect(stateOf(t, 1)).toBe('open');
    t.endEpoch();
    expect(stateOf(t, 1)).toBe('expired');
    expect(t.send('member1', voteOp(1)).code).toBe('proposal-closed');
    t.endEpoch();
    expect([t.ledger.makers.find(7), t.ledger.makers.find(8)]).toEqual([-1, -1]);
  });

  it('comes to nothing where another has made it impossible', () => {
    const t = committeeNetwork();
    const first = adopt(t, makerProposal(7));
    const second = adopt(t, of('makerAdmit', { ...makerContent(7), quota: 6 }));
    t.endEpoch();
    expect(t.ledger.proposals.read(first)).toMatchObject({ state: 'executed', code: 0 });
    const read = t.ledger.proposals.read(second)!;
    expect([read.state, resultCodeName(read.code), read.effectiveEpoch]).toEqual(['void', 'maker-exists', 0]);
  });

  it('of a failed transaction leaves nothing behind', () => {
    const t = committeeNetwork();
    const result = t.send('member0', proposeOp(makerProposal(7)), proposeOp(makerProposal(1)));
    expect(result.code).toBe('maker-exists');
    expect([t.ledger.proposals.rows, t.ledger.proposals.votes.rows, t.ledger.proposals.chunks.rows]).toEqual([
      0, 0, 0,
    ]);
  });

  it('survives a restart in every state', () => {
    const t = committeeNetwork();
    adopt(t, makerProposal(7));
    t.endEpoch();
    adopt(t, changes({ feeBps: 3 }));
    t.send('member0', proposeOp(makerProposal(9), 7));
    const pages = new SavedPages(t.ledger.save());
    const loaded = Ledger.load(pages.read, t.genesis);
    if (!loaded.ok) throw new Error(loaded.error.message);
    expect([0, 1, 2].map((n) => loaded.value.proposals.read(n))).toEqual(
      [0, 1, 2].map((n) => t.ledger.proposals.read(n)),
    );
    const { ledger } = t;
    t.endEpoch();
    t.ledger = loaded.value;
    t.endEpoch();
    expect(t.ledger.stateHash).toEqual(ledger.stateHash);
    expect(t.ledger.frozenPool(4)?.parameters.feeBps).toBe(3);
  });
});

function makerContent(maker: number) {
  return { maker, key: publicKey(`maker${maker}`), quota: 5, name: utf8('New') };
}

type Case = readonly [title: string, code: string, sender: string, operation: Operation];

describe('refused with a code', () => {
  const raw = (kind: number, content: Uint8Array): Operation => ({
    type: 'propose',
    kind,
    expiryEpoch: 5,
    content,
  });
  const content = (proposal: ProposalContent) => proposeOp(proposal).content;
  const member = publicKey('member0');
  const node = newNode('fresh');
  const rows: readonly Case[] = [
    ['a proposal by nobody of the committee', 'committee-not-member', 'alice', proposeOp(makerProposal(7))],
    ['an unknown kind', 'proposal-kind', 'member0', raw(99, new Uint8Array(0))],
    ["another kind's content", 'proposal-malformed', 'member0', raw(1, content(makerProposal(7)))],
    ['content cut short', 'proposal-malformed', 'member0', raw(0, content(makerProposal(7)).slice(0, -4))],
    [
      'an expiry too far away',
      'proposal-expiry',
      'member0',
      proposeOp(makerProposal(7), MAX_PROPOSAL_EPOCHS + 1),
    ],
    ['a vote by nobody of the committee', 'committee-not-member', 'newMember', voteOp(0)],
    ['a vote that is neither yes nor no', 'vote-choice', 'member1', voteOp(0, 2)],
    ['a vote on nothing', 'proposal-unknown', 'member1', voteOp(1)],
    ['a second vote of one member', 'vote-repeated', 'member0', voteOp(0, 0)],
    ['a proposal that is open already', 'proposal-repeated', 'member1', proposeOp(makerProposal(6))],
    ['a maker that is there', 'maker-exists', 'member0', proposeOp(makerProposal(1))],
    [
      'a maker without a key',
      'proposal-key',
      'member0',
      proposeOp(of('makerAdmit', { ...makerContent(7), key: new Uint8Array(32) })),
    ],
    [
      'a quota as it is',
      'proposal-no-change',
      'member0',
      proposeOp(of('makerQuota', { maker: 1, quota: 20 })),
    ],
    [
      'a quota of an unknown maker',
      'maker-unknown',
      'member0',
      proposeOp(of('makerQuota', { maker: 9, quota: 2 })),
    ],
    ['an unknown maker', 'maker-unknown', 'member0', proposeOp(of('makerSuspend', { maker: 9 }))],
    [
      'a maker that is not suspended',
      'proposal-no-change',
      'member0',
      proposeOp(of('makerReinstate', { maker: 1 })),
    ],
    ['an unknown trust node', 'node-unknown', 'member0', proposeOp(of('trustNodeSuspend', { index: 3 }))],
    [
      'a trust node that is not suspended',
      'proposal-no-change',
      'member0',
      proposeOp(of('trustNodeReinstate', { index: 0 })),
    ],
    [
      'a trust node under a key in use',
      'node-key-in-use',
      'member0',
      proposeOp(of('trustNodeAdmit', { ...node, linkKey: publicKey('ledger0') })),
    ],
    [
      'a trust node with one key for both',
      'proposal-key',
      'member0',
      proposeOp(of('trustNodeAdmit', { ...node, linkKey: node.key })),
    ],
    [
      'a trust node of no region',
      'proposal-reference',
      'member0',
      proposeOp(of('trustNodeAdmit', { ...node, region: 2 })),
    ],
    [
      'a ledger server without a VRF key',
      'proposal-key',
      'member0',
      proposeOp(of('ledgerServerAdmit', { ...node, vrfKey: new Uint8Array(32) })),
    ],
    [
      'an unknown ledger server',
      'node-unknown',
      'member0',
      proposeOp(of('ledgerServerSuspend', { index: 2 })),
    ],
    [
      'a ledger server that serves',
      'proposal-no-change',
      'member0',
      proposeOp(of('ledgerServerReinstate', { index: 0 })),
    ],
    [
      'a device that is not blacklisted',
      'proposal-no-change',
      'member0',
      proposeOp(of('deviceReinstate', { device: 0 })),
    ],
    ['an unknown device', 'device-unknown', 'member0', proposeOp(of('deviceReinstate', { device: 99 }))],
    [
      'a beacon for an epoch that is not the next',
      'proposal-reference',
      'member0',
      proposeOp(of('emergencyBeacon', { epoch: 2, chain: new Uint8Array(32), round: 1 })),
    ],
    [
      'a committee of nobody',
      'proposal-undecidable',
      'member0',
      proposeOp(of('committee', { threshold: 0, members: [] })),
    ],
    [
      'a threshold above the members',
      'proposal-undecidable',
      'member0',
      proposeOp(of('committee', { threshold: 2, members: [member] })),
    ],
    [
      'a threshold of 0',
      'proposal-undecidable',
      'member0',
      proposeOp(of('committee', { threshold: 0, members: [member] })),
    ],
    [
      'a member twice',
      'proposal-key',
      'member0',
      proposeOp(of('committee', { threshold: 1, members: [member, member] })),
    ],
    [
      'a member that can sign nothing',
      'proposal-key',
      'member0',
      proposeOp(of('committee', { threshold: 1, members: [member, new Uint8Array(32)] })),
    ],
    ['an unknown parameter', 'proposal-parameter', 'member0', proposeOp(changes({ speed: 1 }))],
    [
      'a parameter by an inherited name',
      'proposal-parameter',
      'member0',
      proposeOp(changes({ toString: 1 })),
    ],
    ['no parameter', 'proposal-parameter', 'member0', proposeOp(changes({}))],
    [
      'a parameter twice',
      'proposal-parameter',
      'member0',
      proposeOp(of('parameters', { changes: [1, 2].map((value) => ({ name: utf8('feeBps'), value })) })),
    ],
    [
      'a parameter wider than its field',
      'proposal-parameter',
      'member0',
      proposeOp(changes({ miners: 257 })),
    ],
    ['a parameter as it is', 'proposal-no-change', 'member0', proposeOp(changes({ miners: 1 }))],
  ];

  it.each(rows)('%s: %s', (_, code, sender, operation) => {
    const t = committeeNetwork();
    expect(t.send('member0', proposeOp(makerProposal(6))).code).toBe('ok');
    expect(t.send(sender, operation).code).toBe(code);
    expect(t.ledger.proposals.rows).toBe(1);
  });

  const undecidable: readonly Record<string, number>[] = [
    { epochMs: 0 },
    { epochMs: 86_400_001 },
    { electionMode: 99 },
    { miners: 0 },
    { ranksPerAttempt: 3 },
    { ranksPerAttempt: 65 },
    { witnesses: 16 },
    { answerTimeoutMs: 0 },
    { answerTimeoutMs: 60_001 },
    { blocksInFlight: 0 },
    { stallRounds: 0 },
    { stallRounds: 1_000_001 },
    { beaconStepMs: 86_400_001 },
    { adjudicate: 2 },
    { unminedBps: 10_001 },
    { feeBps: 10_001 },
    { slashBps: 10_001 },
    { feeFloor: 1_000_000_001 },
    { feePerOperation: 10_000_001 },
    { minerShareBps: 4_001 },
    { minerShareBps: 0, witnessShareBps: 8_001 },
    { poolDecayPpt: 1_000_000_000_001 },
    { reputationDecayPpm: 1_000_001 },
    { issuancePerDevice: 9_000_000_000_000_001 },
    { minActivationEpochs: 20_161 },
  ];
  it.each(undecidable)('%j would leave the network unable to run', (values) => {
    expect(committeeNetwork().send('member0', proposeOp(changes(values))).code).toBe('proposal-undecidable');
  });

  it('has a test for every code of proposals and votes', () => {
    const tested = [
      ...rows.map(([, code]) => code),
      'proposal-undecidable',
      'proposal-limit',
      'proposal-closed',
    ];
    const codes = Object.keys(RESULT_CODES).filter((code) => /^(proposal|vote|committee)-/.test(code));
    expect(codes.filter((code) => !tested.includes(code))).toEqual([]);
  });

  it('a member that has too many open', () => {
    const t = committeeNetwork();
    for (let i = 0; i < MAX_OPEN_PROPOSALS; i++) {
      expect(t.send('member0', proposeOp(makerProposal(10 + i), 0)).code).toBe('ok');
    }
    expect(t.send('member0', proposeOp(makerProposal(30))).code).toBe('proposal-limit');
    expect(t.send('member1', proposeOp(makerProposal(30))).code).toBe('ok');
    t.endEpoch();
    expect(t.send('member0', proposeOp(makerProposal(31))).code).toBe('ok');
  });

  it('an envelope that is sent again', () => {
    const t = committeeNetwork();
    const transaction = t.transaction('member0', [proposeOp(makerProposal(7))]);
    expect(t.apply(transaction).code).toBe('ok');
    expect(t.apply(transaction).code).toBe('sequence-used');
    expect(t.ledger.proposals.rows).toBe(1);
  });
});

describe('parameters', () => {
  it('count from the first epoch that is frozen with them, for elections and all other rules alike', () => {
    const t = committeeNetwork();
    adopt(t, changes({ feeFloor: 700, electionMode: 2, epochMs: 500 }));
    const fees: number[] = [];
    const modes: (string | undefined)[] = [];
    for (let epoch = 0; epoch < 5; epoch++) {
      for (let i = 0; i < 8; i++) t.send('operator0', presenceOp(t, `device${i}`));
      fees.push(t.send('member2', registerOp(t, `new${epoch}`)).fee);
      modes.push(t.ledger.snapshotOf(epoch)?.mode);
      t.endEpoch();
    }
    expect(fees).toEqual([110, 110, 110, 710, 710]);
    expect(modes).toEqual(['random', 'random', 'random', 'uptime', 'uptime']);
    expect(t.ledger.parameters).toMatchObject({ feeFloor: 700, electionMode: 2, epochMs: 500 });
    expect(t.ledger.snapshotOf(3)?.devices.map(({ weight }) => weight)).toEqual(new Array(8).fill(61));
  });

  it('of several votes go together, each checked after those before it', () => {
    const t = committeeNetwork();
    adopt(t, changes({ minerShareBps: 3_000 }));
    adopt(t, changes({ feeBps: 3, dataShareBps: 0 }));
    t.endEpoch();
    expect(t.ledger.frozenPool(3)?.parameters).toMatchObject({ minerShareBps: 3_000, feeBps: 3 });
    // Either fits, both do not.
    const fourth = adopt(t, changes({ minerShareBps: 4_000 }));
    const fifth = adopt(t, changes({ witnessShareBps: 5_000 }));
    t.endEpoch();
    expect([stateOf(t, fourth), stateOf(t, fifth)]).toEqual(['executed', 'void']);
    expect(resultCodeName(t.ledger.proposals.read(fifth)!.code)).toBe('proposal-undecidable');
    expect(t.ledger.frozenPool(4)?.parameters).toMatchObject({
      minerShareBps: 4_000,
      witnessShareBps: 4_000,
    });
  });
});
