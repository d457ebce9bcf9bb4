import type { CertifiedCommittee } from '@iotw/assignment/certificate-check';
import { attestationDigest } from '@iotw/protocol/attestation';
import { MISS_KIND, type Vote } from '@iotw/protocol/certificate';
import { epochVoteDigest } from '@iotw/protocol/round';
import { describe, expect, it } from 'vitest';
import { PAYMENT_EPOCHS } from './tables/payments.js';
import { attestation, signAs, TestNetwork } from './test-network.js';
import { evidenceOp, presenceOp, revokeOp, signedAttestation, transferOp } from './test-operations.js';

const member = (device: number, role: 'miner' | 'witness', counter = 1) => ({
  device,
  rank: device,
  role,
  attestation: attestation(device, { counter }),
});
const vote = (witness: number): Vote => ({
  lane: 0,
  incarnation: 0,
  height: 1,
  hash: new Uint8Array(32),
  witness,
  signature: new Uint8Array(64),
});
const miss = (device: number) => ({
  lane: 0,
  incarnation: 0,
  height: 1,
  attempt: 0,
  rank: 0,
  device,
  host: 0,
  kind: MISS_KIND.hard,
  signature: new Uint8Array(64),
});

function mined(t: TestNetwork, committee: Partial<CertifiedCommittee>, votes: readonly number[] = [0, 1, 2]) {
  const tx = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
  return t.block(0, [tx], { committee: { mode: 0, ...committee }, certificate: { votes: votes.map(vote) } });
}

describe('an epoch’s edge', () => {
  it('pays miners, witnesses and trust nodes from presence in the frozen pool', () => {
    const t = new TestNetwork();
    const pool = t.ledger.rewards.pool;
    t.round([mined(t, { paid: [member(0, 'miner'), member(1, 'witness'), member(2, 'witness')] })]);
    t.round([
      mined(t, { paid: [member(1, 'miner', 2), member(0, 'witness', 2)], misses: [miss(5)] }, [0, 1]),
    ]);
    const before = t.ledger.rewards.pool;
    const { edge } = t.endEpoch();
    // 3 of 8 were present; each brings 10,000; 40% to 2 miners, 40% to 3 witnesses, 15% to 5 votes.
    expect(edge?.settlement).toMatchObject({
      epoch: 0,
      pool: 8,
      present: 3,
      issued: 30_000,
      paid: 28_500,
      minerWork: 2,
      witnessWork: 3,
      trustNodeWork: 5,
    });
    expect(edge?.settlement.devices.map((d) => [d.device, d.minerAmount, d.witnessAmount])).toEqual([
      [0, 6_000, 4_000],
      [1, 6_000, 4_000],
      [2, 0, 4_000],
    ]);
    expect(edge?.settlement.trustNodes.map((n) => n.amount)).toEqual([1_800, 1_800, 900]);
    expect(t.ledger.rewards.pool).toBe(before - 28_500);
    expect(pool).toBeLessThan(before);
    // device0 is alice's, device1 is paid to the account of its own key.
    expect(edge?.settlement.devices[0]?.account).toBe(t.account('alice'));
    expect(t.balance('device1')).toBe(10_000);
    expect(t.ledger.devices.read(1)).toMatchObject({
      mined: 0,
      witnessed: 0,
      earned: 10_000,
      uptimeEpochs: 1,
    });
  });

  it('says why, for every device of the pool, as long as it keeps the epoch', () => {
    const t = new TestNetwork();
    const extra = attestation(4);
    t.round([mined(t, { paid: [member(0, 'miner')], extra: [extra], misses: [miss(5), miss(5)] })]);
    expect(t.ledger.whyPaid(0, 0)).toBeUndefined();
    t.endEpoch();
    const paid = { inPool: true, present: true, mined: 1, minerAmount: 8_000, issued: 20_000, minerWork: 1 };
    expect(t.ledger.whyPaid(0, 0)).toMatchObject({ ...paid, account: t.account('alice'), removed: false });
    expect(t.ledger.whyPaid(4, 0)).toMatchObject({
      unpaid: 1,
      present: true,
      minerAmount: 0,
      account: undefined,
    });
    expect(t.ledger.whyPaid(5, 0)).toMatchObject({ inPool: true, present: false, missed: 2 });
    expect(t.ledger.whyPaid(99, 0)).toBeUndefined();
    for (let i = 1; i < PAYMENT_EPOCHS; i++) t.endEpoch();
    expect(t.ledger.whyPaid(0, 0)).toBeDefined();
    t.endEpoch();
    expect(t.ledger.whyPaid(0, 0)).toBeUndefined();
    expect(t.ledger.whyPaid(0, PAYMENT_EPOCHS)).toMatchObject({ inPool: false, present: false });
  });

  it('freezes the pool three epochs ahead from who was present', () => {
    const t = new TestNetwork();
    t.send('operator0', presenceOp(t, 'device2', { host: 1 }));
    t.round([mined(t, { paid: [member(0, 'miner')] })]);
    const seed = t.ledger.epochs.seed;
    const { edge, header } = t.endEpoch();
    expect(edge?.frozenNext.epoch).toBe(3);
    expect(edge?.frozenNext.devices.map(({ device, host }) => [device, host])).toEqual([
      [0, 0],
      [2, 1],
    ]);
    expect(edge?.snapshot.epoch).toBe(1);
    expect(edge?.snapshot.devices).toHaveLength(8);
    expect(edge?.snapshot.seed).not.toEqual(seed);
    expect(header).toMatchObject({ epoch: 1, seed: edge?.snapshot.seed, poolRoot: edge?.snapshot.root });
    expect(t.ledger.snapshotOf(0)?.seed).toEqual(seed);
    expect(t.endEpoch().edge?.snapshot.devices).toHaveLength(8);
    expect(t.endEpoch().edge?.snapshot.devices.map((d) => d.device)).toEqual([0, 2]);
    expect(t.ledger.snapshotOf(3)).toBe(t.ledger.snapshotOf(3));
  });

  it('turns the designated server and wants its time', () => {
    const t = new TestNetwork();
    expect(t.ledger.nextSeed()).toMatchObject({ epoch: 1, server: 1 });
    expect(t.ledger.epochDue(t.ledger.timeMs + 9_999)).toBe(false);
    expect(t.ledger.epochDue(t.ledger.timeMs + 10_000)).toBe(true);
    t.endEpoch();
    expect(t.ledger.nextSeed()).toMatchObject({ epoch: 2, server: 0 });
    expect(t.ledger.epoch).toBe(1);
  });

  it('moves heads with higher numbers only and anchors them', () => {
    const t = new TestNetwork();
    const newer = attestation(0, { boot: 2, counter: 1 });
    t.round([mined(t, { paid: [{ ...member(0, 'miner'), attestation: newer }] })]);
    t.round([mined(t, { paid: [member(0, 'miner', 900)] })]);
    const head = attestationDigest(t.network, newer);
    expect(t.ledger.devices.read(0)).toMatchObject({ boot: 2, counter: 1, head, mined: 2 });
    expect(t.ledger.devices.read(0)?.anchoredHead).toEqual(new Uint8Array(32));
    t.endEpoch();
    expect(t.ledger.devices.read(0)?.anchoredHead).toEqual(head);
  });

  it('counts epoch votes that are good, once each', () => {
    const t = new TestNetwork();
    const { seed, root } = t.ledger.snapshotOf(0)!;
    const make = (witness: number, signer: string, fields = {}) => {
      const content = { epoch: 0, poolRoot: root, seed, witness, ...fields };
      return { ...content, signature: signAs(signer, epochVoteDigest(t.network, content)) };
    };
    const epochVotes = [
      make(0, 'trust0'),
      make(0, 'trust0'),
      make(1, 'trust0'),
      make(2, 'trust2', { seed: root }),
      make(2, 'trust2', { epoch: 1 }),
      make(9, 'trust0'),
    ];
    t.round([], { epochVotes });
    expect(t.ledger.epochs.votes(0)).toBe(1);
    t.round([], { epochVotes: [make(2, 'trust2')] });
    expect(t.ledger.epochs.votes(0)).toBe(2);
  });
});

describe('liars', () => {
  const incoherent = (t: TestNetwork) => {
    const block = mined(t, { paid: [member(0, 'miner')] });
    const lie = attestation(3, { cited: block.hash, hash: new Uint8Array(32).fill(9) });
    const right = attestation(4, { cited: block.hash, hash: block.hash });
    const unproven = attestation(5, { cited: new Uint8Array(32), hash: new Uint8Array(32) });
    const attempt = { attempt: 0, attestations: [lie, right, unproven], misses: [], thresholdMisses: [] };
    return { ...block, committee: { ...block.committee, incoherent: [attempt] } };
  };

  it('are removed and blacklisted, who was right stays', () => {
    const t = new TestNetwork();
    const { changes } = t.round([incoherent(t)]);
    // Who cited a header that nobody has shown is out until it is shown.
    expect(changes.removed).toEqual([3, 5]);
    expect(changes.reinstated).toEqual([4]);
    expect([3, 4, 5].map((d) => t.ledger.removed(d, 1))).toEqual([true, false, true]);
    expect(t.ledger.removed(3, 0)).toBe(false);
    expect(t.ledger.devices.read(3)).toMatchObject({ status: 'blacklisted', blacklistedUntil: 8_643 });
  });

  it('take the whole committee along by the literal rule', () => {
    const t = new TestNetwork({ parameters: { adjudicate: 0 } });
    expect(t.round([incoherent(t)]).changes.removed).toEqual([3, 4, 5]);
  });

  it('come back into a pool after their term, and draws name them from then on', () => {
    const t = new TestNetwork({ parameters: { blacklistEpochs: 2 } });
    t.round([incoherent(t)]);
    t.endEpoch();
    t.endEpoch();
    expect(t.send('operator0', presenceOp(t, 'device3')).code).toBe('ok');
    const { edge, changes, header } = t.endEpoch();
    expect(edge?.frozenNext).toMatchObject({ epoch: 5, devices: [{ device: 3 }] });
    expect(changes.reinstated).toEqual([]);
    expect(t.ledger.removed(3, header.number + 1)).toBe(true);
    t.endEpoch();
    const opened = t.endEpoch();
    expect(opened.edge?.snapshot.epoch).toBe(5);
    expect(opened.changes.reinstated).toEqual([3, 5]);
    expect(t.ledger.removed(3, opened.header.number)).toBe(true);
    expect(t.ledger.removed(3, opened.header.number + 1)).toBe(false);
    expect(t.ledger.devices.read(3)?.status).toBe('active');
  });

  it.each([1, 2, 3])('are skipped in the pools frozen before, however short the term (%i)', (term) => {
    const t = new TestNetwork({ parameters: { blacklistEpochs: term } });
    t.round([incoherent(t)]);
    // Pools 0 to 2 hold device 3, 3 to 2 + term don't; it is out of every draw until 3 + term begins.
    for (let epoch = 0; epoch < 3 + term; epoch++) {
      expect(t.ledger.epoch).toBe(epoch);
      expect(t.ledger.removed(3, t.ledger.round)).toBe(true);
      expect(t.ledger.snapshotOf(epoch)!.devices.some(({ device }) => device === 3)).toBe(epoch < 3);
      const present = t.send('operator0', presenceOp(t, 'device3')).code;
      expect(present).toBe(epoch < term ? 'device-blacklisted' : 'ok');
      t.endEpoch();
    }
    t.round([]);
    expect(t.ledger.removed(3, t.ledger.round)).toBe(false);
    expect(t.ledger.snapshotOf(3 + term)!.devices.map(({ device }) => device)).toContain(3);
  });

  it('and revoked devices never do', () => {
    const t = new TestNetwork({ parameters: { blacklistEpochs: 1 } });
    const proof = evidenceOp('deviceEquivocation', signedAttestation(t), signedAttestation(t, { height: 2 }));
    t.send('alice', proof);
    t.endEpoch();
    t.send('operator0', presenceOp(t, 'device3'), presenceOp(t, 'device2'));
    t.send('alice', revokeOp(t, { device: t.ledger.devices.key(2) }));
    expect(t.endEpoch().edge?.frozenNext.devices.map((d) => d.device)).toEqual([3]);
    expect(t.ledger.devices.read(2)?.status).toBe('revoked');
    expect(t.ledger.removed(2, 10_000)).toBe(true);
  });
});
