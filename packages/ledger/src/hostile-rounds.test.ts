import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { RESULT_CODES } from '@iotw/protocol/result';
import { describe, expect, it } from 'vitest';
import type { RoundOutcome } from './round-outcome.js';
import { attestation, TestNetwork } from './test-network.js';
import { presenceOp, registerOp, revokeOp, transferOp } from './test-operations.js';

const code = RESULT_CODES;
const credit = (t: TestNetwork, lane: number) => t.ledger.trustNodes.read(lane)!.credit;
/** Lane and code of each transaction, in the round's order. */
const outcomes = ({ applied, firstResult, codes, fees }: RoundOutcome) =>
  applied.flatMap(({ block }, i) =>
    Array.from({ length: block.header.count }, (_, k) => ({
      lane: block.header.lane,
      code: codes[firstResult[i]! + k]!,
      fee: fees[firstResult[i]! + k]!,
    })),
  );
const mined = (device: number, counter = 1) => ({
  mode: CERTIFICATE_MODE.devices,
  paid: [{ device, rank: 0, role: 'miner' as const, attestation: attestation(device, { counter }) }],
});

describe('over several lanes of one round', () => {
  it('one sequence is used once: the lane that comes later in the round pays for the second', () => {
    const t = new TestNetwork();
    const bob = t.account('bob');
    const make = (amount: number) => t.transaction('alice', [transferOp(bob, amount)], { sequence: 1 });
    const before = [0, 1].map((lane) => credit(t, lane));
    const [first, second] = outcomes(t.round([t.block(0, [make(10)]), t.block(1, [make(20)])]));
    expect([first?.code, second]).toEqual([0, { lane: second?.lane, code: code['sequence-used'], fee: 100 }]);
    expect(t.balance('bob')).toBe(1_000_000 + (first?.lane === 0 ? 10 : 20));
    expect(credit(t, first!.lane)).toBe(before[0]);
    expect(credit(t, second!.lane)).toBe(before[1]! - 100);
  });

  it('one transaction is applied once, and the copy is its lane’s cost', () => {
    const t = new TestNetwork();
    const tx = t.transaction('alice', [transferOp(t.account('bob'), 10)]);
    const [first, second] = outcomes(t.round([t.block(0, [tx]), t.block(2, [tx])]));
    expect([first?.code, second?.code]).toEqual([0, code['sequence-used']]);
    expect(credit(t, second!.lane)).toBe(9_900);
    expect(outcomes(t.round([t.block(1, [tx])]))).toEqual([
      { lane: 1, code: code['sequence-used'], fee: 100 },
    ]);
    expect(t.balance('bob')).toBe(1_000_010);
  });

  it('one balance is spent once: each of the other promises costs its floor fee', () => {
    const t = new TestNetwork();
    const bob = t.account('bob');
    const all = t.balance('alice') - 2_000;
    const promises = [1, 2, 3].map((sequence) =>
      t.transaction('alice', [transferOp(bob, all)], { sequence }),
    );
    const results = outcomes(t.round(promises.map((tx, lane) => t.block(lane, [tx]))));
    const low = code['balance-too-low'];
    expect(results.map((r) => [r.code, r.fee])).toEqual([
      [0, 110 + 998],
      [low, 110],
      [low, 110],
    ]);
    expect(t.balance('bob')).toBe(1_000_000 + all);
    expect(t.balance('alice')).toBe(2_000 - 998 - 3 * 110);
    expect([0, 1, 2].map((lane) => credit(t, lane))).toEqual([10_000, 10_000, 10_000]);
  });
});

describe('a block with bad transactions', () => {
  it('stands: the good ones apply, the bad ones are recorded at its lane’s cost', () => {
    const t = new TestNetwork();
    const bob = t.account('bob');
    const pay = (options = {}) => t.transaction('alice', [transferOp(bob, 1)], options);
    const cut = pay({ sequence: 9 });
    const txs = [
      pay(),
      { id: cut.id, envelope: cut.envelope.subarray(0, 40) },
      pay({ sequence: 10 }),
      pay({ sequence: 11, expiryMs: 1 }),
      t.transaction('dora', [transferOp(bob, 1)]),
      pay(),
    ];
    const results = outcomes(t.round([t.block(0, txs, { invalid: [2] })]));
    expect(results.map((r) => r.code)).toEqual([
      0,
      code['transaction-malformed'],
      code['signature-invalid'],
      code['transaction-expired'],
      code['sender-unknown'],
      0,
    ]);
    expect(credit(t, 0)).toBe(10_000 - 4 * 100);
    expect(t.balance('bob')).toBe(1_000_002);
    expect(t.ledger.lanes.read(0)).toMatchObject({ height: 1 });
  });

  it('of a lane without credit and bond are its last: others go on', () => {
    const t = new TestNetwork({ parameters: { feeFloor: 110_000 } });
    t.send('carol', transferOp(t.account('bob'), 1));
    expect(t.ledger.trustNodes.read(0)).toMatchObject({ credit: 0, bond: 0, suspended: true });
    const pay = () => t.transaction('alice', [transferOp(t.account('bob'), 1)]);
    const refused = t.validate([t.block(0, [pay()])]);
    expect(!refused.ok && refused.error.code).toBe('lane-suspended');
    expect(outcomes(t.round([t.block(1, [pay()])]))[0]?.code).toBe(0);
  });
});

describe('rewards', () => {
  const issuedAfter = (blocks: number) => {
    const t = new TestNetwork();
    for (let i = 0; i < blocks; i++) {
      const tx = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
      t.round([t.block(0, [tx], { committee: mined(i % 2, 1 + i) })]);
    }
    t.send('operator0', presenceOp(t, 'device0'), presenceOp(t, 'device1'), presenceOp(t, 'device2'));
    return t.endEpoch().edge?.settlement;
  };

  it('are issued by presence: more blocks divide the same sum', () => {
    const [few, many] = [issuedAfter(2), issuedAfter(12)];
    expect([few?.present, many?.present]).toEqual([3, 3]);
    expect(many?.issued).toBe(few?.issued);
    expect([few?.minerWork, many?.minerWork]).toEqual([2, 12]);
  });

  it('of a block go into the epoch of its including round, once', () => {
    const t = new TestNetwork();
    const tx = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
    const block = t.block(0, [tx], { committee: mined(0) });
    expect(t.endEpoch().edge?.settlement).toMatchObject({ epoch: 0, minerWork: 0 });
    expect(t.round([block]).applied).toHaveLength(1);
    // The same block with its certificate again, in this epoch and the next: skipped.
    expect(t.round([block]).applied).toHaveLength(0);
    expect(t.endEpoch().edge?.settlement).toMatchObject({ epoch: 1, minerWork: 1 });
    expect(t.round([block]).applied).toHaveLength(0);
    expect(t.endEpoch().edge?.settlement).toMatchObject({ epoch: 2, minerWork: 0 });
  });
});

describe('a pool', () => {
  it('of an epoch stands before its seed can be known: what happens later changes it no more', () => {
    const t = new TestNetwork();
    t.send('operator0', presenceOp(t, 'device1'), presenceOp(t, 'device2'));
    const { edge } = t.endEpoch();
    const frozen = t.ledger.frozenPool(3);
    // The round that froze it showed seed(1): what seed(2) is made from, and seed(3) from that.
    expect(edge?.snapshot.epoch).toBe(1);
    expect(t.ledger.snapshotOf(2)).toBeUndefined();
    expect(frozen?.devices.map(({ device }) => device)).toEqual([1, 2]);
    // Epoch 1 runs, its seed is known, those of 2 and 3 hang on it: nobody enters, leaves or moves any more.
    t.send('alice', registerOp(t, 'new'));
    t.send('operator0', presenceOp(t, 'new', { epoch: 1 }), presenceOp(t, 'device3', { epoch: 1 }));
    t.send('operator1', presenceOp(t, 'device1', { epoch: 1, host: 2 }));
    t.send('alice', revokeOp(t, { device: t.ledger.devices.key(2) }));
    t.endEpoch();
    t.endEpoch();
    expect(t.ledger.snapshotOf(3)?.root).toEqual(frozen?.root);
    expect(t.ledger.snapshotOf(3)?.devices).toEqual(frozen?.devices);
    // Who was revoked is passed over by draws instead.
    expect(t.ledger.removed(2, t.ledger.round)).toBe(true);
  });

  it('never holds a device before its batch is active', () => {
    const t = new TestNetwork();
    t.send('alice', registerOp(t, 'new', { batch: 3 }));
    const late = t.device('new');
    const held: number[] = [];
    for (let epoch = 0; epoch < 6; epoch++) {
      const told = t.send('operator0', presenceOp(t, 'new', { epoch }));
      const pool = t.endEpoch().edge!.frozenNext;
      expect(told.code).toBe(pool.epoch < 5 ? 'device-inactive' : 'ok');
      if (pool.devices.some(({ device }) => device === late)) held.push(pool.epoch);
    }
    expect(held[0]).toBe(5);
    expect(held.length).toBeGreaterThan(2);
  });

  it('holds who was present at any host: a ticket reaches the ledger through whoever sends it', () => {
    const t = new TestNetwork();
    // device1 is hosted by trust node 1; another operator and a customer bring tickets, an answer counts too.
    t.send('operator2', presenceOp(t, 'device1', { host: 1 }));
    t.send('alice', presenceOp(t, 'device4', { host: 1 }));
    const tx = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
    t.round([t.block(0, [tx], { committee: mined(7) })]);
    expect(t.endEpoch().edge?.frozenNext.devices.map(({ device }) => device)).toEqual([1, 4, 7]);
  });
});
