import { MISS_KIND } from '@iotw/protocol/certificate';
import { describe, expect, it } from 'vitest';
import { attestation, TestNetwork } from './test-network.js';
import { transferOp } from './test-operations.js';
import { leftOut } from './test-witness-rows.js';

/** A block of lane 1 with three paid devices, a miss by host 0 and a silence of host 2. */
function block(t: TestNetwork) {
  const member = (device: number) => ({
    device,
    rank: device,
    role: 'witness' as const,
    attestation: attestation(device),
  });
  const place = { lane: 1, incarnation: 0, height: 1, attempt: 0 };
  const miss = { ...place, rank: 3, device: 3, host: 0, kind: MISS_KIND.hard, signature: new Uint8Array(64) };
  return t.block(1, [t.transaction('alice', [transferOp(t.account('bob'), 1)])], {
    committee: {
      mode: 0,
      paid: [member(0), member(2), member(5)],
      misses: [miss],
      softMisses: [{ ...miss, rank: 6, device: 6, kind: MISS_KIND.soft }],
      thresholdMisses: [{ rank: 4, device: 5, host: 2, statements: [] }],
      diversity: { owners: 3, makers: 1, regions: 2, hosts: 2 },
    },
  });
}

describe('counts of an epoch', () => {
  it('say what lanes passed over, by whose word, and how diverse their committees were', () => {
    const t = new TestNetwork();
    t.round([block(t)]);
    t.round([block(t)]);
    const zeros = t.ledger.witnessing.read(1, 7);
    expect(new Set(Object.values(zeros))).toEqual(new Set([0]));
    expect(t.ledger.witnessing.read(1, 0)).toEqual({
      ...zeros,
      ...{ committees: 2, seats: 6, owners: 6, makers: 2, regions: 4, hosts: 4, clouds: 2 },
      ...{ passedOver: 2, passedOverSoftly: 2, unheard: 2 },
    });
    expect(t.ledger.witnessing.read(0, 0)).toEqual({ ...zeros, answers: 2, misses: 2, softMisses: 2 });
    expect(t.ledger.witnessing.read(2, 0)).toEqual({ ...zeros, answers: 4, silences: 2 });
    // A device whose host was silent is not blamed for it, nor one that was passed over softly.
    expect([3, 5, 6].map((device) => t.ledger.devices.read(device)!.missed)).toEqual([2, 0, 0]);
  });

  it('are kept for the last ended epoch, and as a whole as long as its payments', () => {
    const t = new TestNetwork();
    t.round([block(t)]);
    t.endEpoch();
    t.round([block(t)]);
    expect([0, 1].map((epoch) => t.ledger.witnessing.read(1, epoch).passedOver)).toEqual([1, 1]);
    const { edge } = t.endEpoch();
    expect(edge?.settlement.witnessing).toMatchObject({ committees: 1, answers: 3, misses: 1, silences: 1 });
    t.round([block(t)]);
    expect([0, 1, 2].map((epoch) => t.ledger.witnessing.read(1, epoch).passedOver)).toEqual([0, 1, 1]);
    const slot = t.ledger.settlements.slot(0);
    expect(t.ledger.settlements.col.passedOver[slot]).toBe(1);
  });
});

describe('an answer that was left out', () => {
  it('is paid out of the bond of the lane, and counted against lane and host', () => {
    const t = new TestNetwork({ parameters: { leftOutPay: 70 } });
    const bond = t.ledger.trustNodes.read(1)!.bond;
    expect(leftOut()(t)).toBe('ok');
    expect(t.ledger.trustNodes.read(1)!.bond).toBe(bond - 70);
    const paid = t.ledger.devices;
    const device = Array.from({ length: paid.rows }, (_, i) => i).filter((i) => paid.read(i)!.earned === 70);
    expect(device).toHaveLength(1);
    const { host } = t.ledger.devices.read(device[0]!)!;
    expect(t.ledger.witnessing.read(1, 0).leftOut).toBe(1);
    expect(t.ledger.witnessing.read(host!, 0).answersLeftOut).toBe(1);
    expect(t.ledger.countSupply()).toBe(t.ledger.chain.supply);
  });

  it('takes no more than the bond holds', () => {
    const base = new TestNetwork().genesis;
    const trustNodes = base.trustNodes.map((node) => ({ ...node, bond: 30 }));
    const t = new TestNetwork({ genesis: { trustNodes } });
    expect(leftOut()(t)).toBe('ok');
    expect(t.ledger.trustNodes.read(1)).toMatchObject({ bond: 0, suspended: false });
    expect(t.ledger.countSupply()).toBe(t.ledger.chain.supply);
  });

  it('that is undone with its transaction may be shown again', () => {
    const t = new TestNetwork();
    expect(leftOut({ alsoFailing: true })(t)).toBe('account-unknown');
    expect(t.ledger.witnessing.read(1, 0).leftOut).toBe(0);
  });
});
