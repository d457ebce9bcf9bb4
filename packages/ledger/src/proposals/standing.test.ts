import { PUBLIC_BEACONS } from '@iotw/assignment/public-beacons';
import { utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import type { ProposalContent } from '@iotw/protocol/proposals';
import { resultCodeName } from '@iotw/protocol/result';
import { describe, expect, it } from 'vitest';
import { publicKey, TestNetwork, testGenesis } from '../test-network.js';
import {
  headerEvidence,
  makerBatchOp,
  makerProposal,
  presenceOp,
  proposeOp,
  registerOp,
  transferOp,
  voteOp,
} from '../test-operations.js';
import { adopt, changes, committeeNetwork, newNode, of } from '../test-proposals.js';

const seats = (t: TestNetwork, epoch: number) =>
  t.ledger.frozenPool(epoch)?.trustNodes.map(({ index }) => index);
const laneCode = (t: TestNetwork, lane: number) => {
  const checked = t.validate([t.block(lane, [t.transaction('alice', [transferOp(1, 1)], { sequence: 1 })])]);
  return checked.ok ? 'ok' : checked.error.code;
};

describe('a trust node', () => {
  it('that is admitted has a lane at height 0, and counts and runs from the first epoch frozen with it', () => {
    const t = committeeNetwork();
    adopt(t, of('trustNodeAdmit', newNode('trust3')));
    const { changes } = t.endEpoch();
    expect(changes.keys).toEqual([{ role: 0, index: 3 }]);
    expect(changes.lanes.map(({ lane, height, suspended }) => [lane, height, suspended])).toContainEqual([
      3,
      0,
      true,
    ]);
    expect([1, 2, 3].map((epoch) => seats(t, epoch))).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [0, 1, 2, 3],
    ]);
    expect(laneCode(t, 3)).toBe('lane-suspended');
    t.endEpoch();
    expect(laneCode(t, 3)).toBe('lane-suspended');
    const opened = t.endEpoch();
    expect(opened.changes.lanes).toContainEqual({
      ...{ lane: 3, incarnation: 0, height: 0, suspended: false },
      hash: new Uint8Array(32),
      softDebts: [],
    });
    expect(laneCode(t, 3)).toBe('ok');
    expect(t.ledger.trustNodes.read(3)).toMatchObject({ key: publicKey('trust3'), suspended: false });
  });

  it('that is suspended stops at once and is counted out when frozen without; reinstated it comes back', () => {
    const t = committeeNetwork();
    adopt(t, of('trustNodeSuspend', { index: 1 }));
    t.endEpoch();
    expect(laneCode(t, 1)).toBe('lane-suspended');
    expect([seats(t, 2), seats(t, 3)]).toEqual([
      [0, 1, 2],
      [0, 2],
    ]);
    adopt(t, of('trustNodeReinstate', { index: 1 }));
    t.endEpoch();
    // Seated still in epoch 2, out in 3, back in 4.
    expect(laneCode(t, 1)).toBe('ok');
    expect(seats(t, 4)).toEqual([0, 1, 2]);
    t.endEpoch();
    expect(laneCode(t, 1)).toBe('lane-suspended');
    t.endEpoch();
    expect(laneCode(t, 1)).toBe('ok');
  });

  it('proven to equivocate is counted out without a vote, and back by one', () => {
    const t = committeeNetwork();
    expect(t.send('alice', headerEvidence(t)).code).toBe('ok');
    expect(laneCode(t, 1)).toBe('lane-suspended');
    t.endEpoch();
    expect([seats(t, 2), seats(t, 3)]).toEqual([
      [0, 1, 2],
      [0, 2],
    ]);
    adopt(t, of('trustNodeReinstate', { index: 1 }));
    t.endEpoch();
    expect(seats(t, 4)).toEqual([0, 1, 2]);
  });

  it('that is suspended brings no device into a pool beyond the first without it', () => {
    const t = committeeNetwork();
    adopt(t, of('trustNodeSuspend', { index: 1 }));
    const present = () => {
      for (let i = 0; i < 8; i++) {
        const ticket = presenceOp(t, `device${i}`, { host: i % 2 });
        expect(t.send('operator0', ticket).code).toBe('ok');
      }
      t.endEpoch();
    };
    const hosts = (epoch: number) => t.ledger.frozenPool(epoch)!.devices.map(({ host }) => host);
    present();
    expect([seats(t, 3), hosts(3)]).toEqual([
      [0, 2],
      [0, 1, 0, 1, 0, 1, 0, 1],
    ]);
    present();
    expect(hosts(4)).toEqual([0, 0, 0, 0]);
  });

  it('the last one stays', () => {
    const t = committeeNetwork();
    adopt(t, of('trustNodeSuspend', { index: 1 }));
    adopt(t, of('trustNodeSuspend', { index: 2 }));
    const third = adopt(t, of('trustNodeSuspend', { index: 0 }));
    t.endEpoch();
    expect(seats(t, 3)).toEqual([0]);
    expect(t.ledger.proposals.read(third)).toMatchObject({ state: 'void' });
    expect(t.send('member0', proposeOp(of('trustNodeSuspend', { index: 0 }))).code).toBe(
      'proposal-undecidable',
    );
  });
});

describe('a ledger server', () => {
  it('takes its turn at seeds from the epoch after its admission, none while suspended', () => {
    const t = committeeNetwork();
    const vrfKey = vrfKeyPairFromSeed(sha256(utf8('vrf2'))).publicKey;
    adopt(t, of('ledgerServerAdmit', { ...newNode('ledger2'), vrfKey }));
    const turns = () => {
      const { server } = t.ledger.nextSeed();
      t.endEpoch();
      return server;
    };
    // Seeds 1 of two servers; then 2, 3, 4, 5, 6 of three.
    expect([turns(), turns(), turns(), turns(), turns()]).toEqual([1, 2, 0, 1, 2]);
    adopt(t, of('ledgerServerSuspend', { index: 1 }));
    expect([turns(), turns(), turns()]).toEqual([0, 2, 0]);
    adopt(t, of('ledgerServerReinstate', { index: 1 }));
    expect([turns(), turns()]).toEqual([2, 1]);
    adopt(t, of('ledgerServerSuspend', { index: 0 }));
    adopt(t, of('ledgerServerSuspend', { index: 1 }));
    const last = adopt(t, of('ledgerServerSuspend', { index: 2 }));
    t.endEpoch();
    expect(t.ledger.proposals.read(last)?.state).toBe('void');
    expect(t.ledger.ledgerServers.serving()).toEqual([2]);
  });

  it('the last one that votes stays, whatever the order of the votes', () => {
    const t = committeeNetwork();
    adopt(t, of('ledgerServerSuspend', { index: 1 }));
    const last = adopt(t, of('ledgerServerSuspend', { index: 0 }));
    t.endEpoch();
    expect(t.ledger.ledgerServers.serving()).toEqual([0]);
    const read = t.ledger.proposals.read(last)!;
    expect([read.state, resultCodeName(read.code)]).toEqual(['void', 'proposal-undecidable']);
    const again = proposeOp(of('ledgerServerSuspend', { index: 0 }), 9);
    expect(t.send('member0', again).code).toBe('proposal-undecidable');
  });

  it('is not suspended where too few would be left to share a key, nor is a key asked of too few', () => {
    const t = committeeNetwork();
    const vrfKey = vrfKeyPairFromSeed(sha256(utf8('vrf2'))).publicKey;
    adopt(t, of('ledgerServerAdmit', { ...newNode('ledger2'), vrfKey }));
    t.endEpoch();
    const propose = (proposal: ProposalContent) =>
      t.send('member0', proposeOp(proposal, t.ledger.epoch + 5)).code;
    const suspend = (index: number) => propose(of('ledgerServerSuspend', { index }));
    const threshold = changes({ seedSource: SEED_SOURCE.threshold });
    adopt(t, of('ledgerServerSuspend', { index: 1 }));
    t.endEpoch();
    // Two of three can share a key, one can not.
    adopt(t, threshold);
    t.endEpoch();
    expect(suspend(0)).toBe('proposal-undecidable');
    adopt(t, changes({ seedSource: SEED_SOURCE.vrf }));
    t.endEpoch();
    adopt(t, of('ledgerServerSuspend', { index: 0 }));
    t.endEpoch();
    expect(propose(threshold)).toBe('proposal-undecidable');
  });

  it('is not suspended where fewer would be left than it takes to sign by the key in use', () => {
    const t = committeeNetwork({ seedSource: SEED_SOURCE.threshold, beaconThreshold: 1 });
    const suspend = () => t.send('member0', proposeOp(of('ledgerServerSuspend', { index: 1 }))).code;
    t.ledger.beacon.set('groupThreshold', 0, 2);
    expect(suspend()).toBe('proposal-undecidable');
    t.ledger.beacon.set('groupThreshold', 0, 1);
    expect(suspend()).toBe('ok');
  });
});

describe('a maker', () => {
  it("'s quota is lowered by a vote, below what it has allotted, and raised", () => {
    const t = committeeNetwork();
    adopt(t, of('makerQuota', { maker: 1, quota: 8 }));
    expect(t.send('alice', registerOp(t, 'ninth')).code).toBe('ok');
    t.endEpoch();
    expect(t.send('alice', registerOp(t, 'tenth')).code).toBe('maker-quota');
    adopt(t, of('makerQuota', { maker: 1, quota: 10 }));
    t.endEpoch();
    expect(t.send('alice', registerOp(t, 'tenth')).code).toBe('ok');
  });

  it('that is suspended opens nothing, registers nothing and brings nobody into a pool, until it is reinstated', () => {
    const t = committeeNetwork();
    const present = () => {
      for (let i = 0; i < 8; i++) expect(t.send('operator0', presenceOp(t, `device${i}`)).code).toBe('ok');
    };
    adopt(t, of('makerSuspend', { maker: 1 }));
    present();
    t.endEpoch();
    expect(t.send('alice', makerBatchOp(t)).code).toBe('maker-suspended');
    expect(t.send('alice', registerOp(t, 'new')).code).toBe('maker-suspended');
    expect(t.ledger.frozenPool(3)?.devices).toEqual([]);
    adopt(t, of('makerReinstate', { maker: 1 }));
    present();
    t.endEpoch();
    expect(t.send('alice', makerBatchOp(t)).code).toBe('ok');
    expect(t.ledger.frozenPool(4)?.devices).toHaveLength(8);
  });
});

describe('the committee', () => {
  it('changes by a vote; open proposals are counted by those who are in it then', () => {
    const t = committeeNetwork();
    const [first, third, fresh] = ['member0', 'member2', 'newMember'].map((name) => publicKey(name));
    t.send('member0', proposeOp(makerProposal(7)));
    t.send('member1', proposeOp(makerProposal(8)));
    t.send('member2', voteOp(1, 0));
    const changed = of('committee', { threshold: 1, members: [first!, third!, fresh!] });
    adopt(t, changed);
    expect(t.send('newMember', voteOp(0)).code).toBe('committee-not-member');
    t.endEpoch();
    // One yes is enough now: the first is adopted, the second has lost its only one.
    expect([0, 1].map((n) => t.ledger.proposals.read(n)?.state)).toEqual(['adopted', 'open']);
    expect(t.send('member1', voteOp(1)).code).toBe('committee-not-member');
    expect(t.send('newMember', voteOp(1)).code).toBe('ok');
    t.endEpoch();
    expect([7, 8].map((maker) => t.ledger.makers.find(maker) >= 0)).toEqual([true, true]);
    expect([t.ledger.committee.threshold, t.ledger.committee.members()]).toEqual([1, [first, third, fresh]]);
  });

  it('without members adopts nothing', () => {
    const { accounts } = testGenesis();
    const t = new TestNetwork({ genesis: { accounts, committee: [], committeeThreshold: 0 } });
    expect(t.send('alice', proposeOp(makerProposal(7))).code).toBe('committee-not-member');
  });

  it('names a public beacon at once, a round that nobody knows yet, for the next epoch alone', () => {
    const t = committeeNetwork();
    const beacon = PUBLIC_BEACONS[0]!;
    const round = 77;
    const at = (number: number) => of('emergencyBeacon', { epoch: 1, chain: beacon.chain, round: number });
    t.send('member0', proposeOp(at(round)));
    t.send('member1', proposeOp(at(round + 1)));
    expect(t.ledger.nextSeed().source).toBe('vrf');
    expect(t.send('member2', voteOp(0)).code).toBe('ok');
    expect(t.ledger.nextSeed()).toMatchObject({ epoch: 1, source: 'public' });
    expect(t.ledger.proposals.read(0)).toMatchObject({ state: 'executed', effectiveEpoch: 1 });
    t.send('member2', voteOp(1));
    const second = t.ledger.proposals.read(1)!;
    expect([second.state, resultCodeName(second.code)]).toEqual(['void', 'emergency-pending']);
    const refused = (proposal: ProposalContent) => t.send('member0', proposeOp(proposal)).code;
    expect(refused(at(round + 2))).toBe('emergency-pending');
    expect(refused(at(0))).toBe('emergency-round');
    expect(refused(of('emergencyBeacon', { epoch: 1, chain: new Uint8Array(32), round }))).toBe(
      'emergency-chain',
    );
  });
});

describe('a blacklisted device', () => {
  it('comes back by a vote before its term is over', () => {
    const t = committeeNetwork();
    const device = t.device('device0');
    t.ledger.devices.set('blacklistedUntil', device, 5_000);
    t.ledger.devices.set('removedFrom', device, 1);
    expect(t.ledger.removed(device, t.ledger.round + 1)).toBe(true);
    adopt(t, of('deviceReinstate', { device }));
    t.endEpoch();
    expect(t.ledger.removed(device, t.ledger.round + 1)).toBe(false);
    expect(t.ledger.devices.col.blacklistedUntil[device]).toBe(0);
  });
});
