import type { Operation } from '@iotw/protocol/operations';
import type { ResultCode } from '@iotw/protocol/result';
import { describe, expect, it } from 'vitest';
import { attestation, publicKey, TestNetwork } from './test-network.js';
import { claimOp, handoverOp, makerBatchOp, presenceOp, registerOp, revokeOp } from './test-operations.js';

/** pool(e + FREEZE) is frozen when epoch e ends. */
const FREEZE = new TestNetwork().endEpoch().edge!.frozenNext.epoch;

/** One step: what alice sends, and its result. `edge` ends the epoch. */
type Step = readonly [operation: ((t: TestNetwork) => Operation) | 'edge', expected?: ResultCode];

function play(t: TestNetwork, steps: readonly Step[]): void {
  for (const [operation, expected] of steps) {
    if (operation === 'edge') t.endEpoch();
    else expect(t.send('alice', operation(t)).code).toBe(expected);
  }
}

const batch =
  (number: number, quota: number, activationEpochs = 3) =>
  (t: TestNetwork) =>
    makerBatchOp(t, { batch: number, key: publicKey(`batch${number}`), quota, activationEpochs });
const device =
  (name: string, number = 1) =>
  (t: TestNetwork) =>
    registerOp(t, name, { batch: number });
const revokeBatch = (number: number) => (t: TestNetwork) => revokeOp(t, { kind: 1, batch: number });
const ticket = (name: string) => (t: TestNetwork) => presenceOp(t, name);
describe('quotas', () => {
  // Maker 1 has 20, of which the batches 1, 2 and 3 hold 10, 1 and 2; batch 1 has 8 devices.
  const rows: readonly [what: string, steps: readonly Step[], makerQuota?: number][] = [
    ['a batch takes what is left of the maker’s', [[batch(9, 7), 'ok']]],
    ['and not one more', [[batch(9, 8), 'maker-quota']]],
    [
      'all batches of the maker count together',
      [
        [batch(8, 4), 'ok'],
        [batch(9, 4), 'maker-quota'],
        [batch(9, 3), 'ok'],
        [batch(10, 1), 'maker-quota'],
      ],
    ],
    [
      'a refused batch takes nothing',
      [
        [batch(1, 7), 'batch-exists'],
        [batch(9, 7, 2), 'batch-activation'],
        [batch(9, 7), 'ok'],
      ],
    ],
    [
      'a batch of none registers none',
      [
        [batch(9, 0), 'ok'],
        [device('new', 9), 'batch-quota'],
      ],
    ],
    [
      'a batch registers as many as its quota',
      [
        [device('new0'), 'ok'],
        [device('new1'), 'ok'],
        [device('new2'), 'batch-quota'],
      ],
    ],
    [
      'a refused device takes nothing',
      [
        [device('device1'), 'device-exists'],
        [(t) => registerOp(t, 'new', { region: 9 }), 'device-region'],
        [device('new0'), 'ok'],
        [device('new1'), 'ok'],
      ],
    ],
    [
      'a revoked device frees no place',
      [
        [device('new0'), 'ok'],
        [(t) => revokeOp(t, { device: publicKey('new0') }), 'ok'],
        [device('new0'), 'device-exists'],
        [device('new1'), 'ok'],
        [device('new2'), 'batch-quota'],
      ],
    ],
    [
      'a revoked batch gives back what it has not used, and no more',
      [
        [revokeBatch(1), 'ok'],
        [batch(9, 10), 'maker-quota'],
        [batch(9, 9), 'ok'],
      ],
    ],
    [
      'a revoked batch keeps its number',
      [
        [revokeBatch(2), 'ok'],
        [batch(2, 1), 'batch-exists'],
      ],
    ],
    [
      'a maker’s quota that was lowered binds the batches it opened before',
      [
        [device('new0', 2), 'ok'],
        [device('new1'), 'maker-quota'],
        [batch(9, 1), 'maker-quota'],
      ],
      9,
    ],
    [
      'a suspended maker opens and registers nothing, but may revoke',
      [
        [batch(9, 1), 'maker-suspended'],
        [device('new'), 'maker-suspended'],
        [revokeBatch(1), 'ok'],
      ],
      0,
    ],
  ];

  it.each(rows)('%s', (_what, steps, makerQuota) => {
    const t = new TestNetwork();
    // As a vote changes it.
    if (makerQuota !== undefined) t.ledger.makers.set('quota', 0, makerQuota);
    play(t, steps);
    const { allotted, used } = t.ledger.makers.read(0)!;
    const { batches } = t.ledger.makers;
    expect(allotted).toBe(batches.col.quota.subarray(0, batches.rows).reduce((a, b) => a + b, 0));
    expect(used).toBe(t.ledger.devices.rows);
  });
});

describe('the activation delay', () => {
  const pools = (t: TestNetwork, device: string, epochs: number): number[] => {
    const number = t.device(device);
    const held: number[] = [];
    for (let i = 0; i < epochs; i++) {
      t.send('alice', presenceOp(t, device));
      const { edge } = t.endEpoch();
      if (edge?.frozenNext.devices.some((d) => d.device === number)) held.push(edge.frozenNext.epoch);
    }
    return held;
  };

  it.each([
    ['of a batch that is active', 4, 1, 0, 4],
    ['of a batch that is active later than the least delay', 1, 3, 0, 5],
    ['of a batch that became active meanwhile', 1, 3, 5, 6],
    ['of a batch that becomes active after it', 4, 3, 2, 6],
  ])('a device %s', (_what, minActivationEpochs, number, registeredIn, first) => {
    const t = new TestNetwork({ parameters: { minActivationEpochs } });
    for (let i = 0; i < registeredIn; i++) t.endEpoch();
    play(t, [[device('new', number), 'ok']]);
    expect(t.ledger.devices.read(8)?.activeFrom).toBe(first);
    const held = pools(t, 'new', 8);
    const earliest = Math.max(first, t.ledger.epoch - 8 + FREEZE);
    expect(held).toEqual(Array.from({ length: held.length }, (_, i) => earliest + i));
    expect(held.length).toBeGreaterThan(2);
  });

  it('a ticket counts as soon as the pool it leads to may hold the device', () => {
    const t = new TestNetwork({ parameters: { minActivationEpochs: FREEZE + 1 } });
    play(t, [[device('new'), 'ok'], [ticket('new'), 'device-inactive'], ['edge'], [ticket('new'), 'ok']]);
  });

  it('is the one of its registration: a vote changes it for later ones', () => {
    const t = new TestNetwork({ parameters: { minActivationEpochs: 5 } });
    play(t, [[device('new'), 'ok'], ['edge']]);
    expect(t.ledger.devices.read(8)?.activeFrom).toBe(5);
  });

  it.each([
    [0, 0, 'ok'],
    [0, 2, 'batch-activation'],
    [2, 2, 'ok'],
    [65_535, 3, 'ok'],
  ] as const)('a batch with a delay of %i where %i is the least: %s', (delay, least, expected) => {
    const t = new TestNetwork({ parameters: { minActivationEpochs: least } });
    play(t, [[batch(9, 1, delay), expected]]);
    if (expected === 'ok') expect(t.ledger.makers.batches.col.activeFrom[3]).toBe(delay);
  });
});

describe('a revocation', () => {
  it('of a batch takes every device of it out of draws from its round on, and out of later pools', () => {
    const t = new TestNetwork();
    play(t, [[device('new', 3), 'ok']]);
    t.send('operator0', presenceOp(t, 'device2'), presenceOp(t, 'device3'));
    const before = t.ledger.round;
    play(t, [[revokeBatch(1), 'ok']]);
    const round = t.ledger.round;
    for (let device = 0; device < 8; device++) {
      expect(t.ledger.removed(device, before)).toBe(false);
      expect(t.ledger.removed(device, round)).toBe(true);
    }
    expect(t.ledger.removed(8, round)).toBe(false);
    expect(t.endEpoch().edge?.frozenNext.devices).toEqual([]);
    play(t, [[ticket('device2'), 'device-revoked']]);
  });

  it('holds for the rest of its own round, over all lanes', () => {
    const t = new TestNetwork();
    const revoked = t.transaction('alice', [revokeBatch(1)(t)]);
    const late = t.transaction('alice', [device('new')(t)]);
    const { codes } = t.round([t.block(0, [revoked, late])]);
    expect([...codes]).toEqual([0, 71]);
  });
});

describe('a hand-over', () => {
  const handover = (t: TestNetwork) => handoverOp(t, 'device0', 'alice', 'bob');

  it('makes the new owner in one step and voids every claim code given before', () => {
    const t = new TestNetwork();
    const oldClaim = claimOp(t, 'device0', 'carol');
    play(t, [[handover, 'ok']]);
    expect(t.ledger.devices.read(0)).toMatchObject({ owner: t.account('bob'), changes: 1 });
    expect(t.send('bob', { type: 'deviceRelease', device: publicKey('device0') }).code).toBe('ok');
    t.ledger.accounts.setBalance(t.account('carol'), 1_050);
    t.ledger.accounts.setBalance(t.account('bob'), t.balance('bob') - 1_000);
    expect(t.send('carol', oldClaim).code).toBe('device-signature');
  });

  it('is accepted once: the same acceptance is void when the device comes back', () => {
    const t = new TestNetwork();
    const accepted = handover(t);
    play(t, [[() => accepted, 'ok']]);
    expect(t.send('alice', accepted).code).toBe('device-not-owner');
    expect(t.send('bob', handoverOp(t, 'device0', 'bob', 'alice')).code).toBe('ok');
    expect(t.send('alice', accepted).code).toBe('handover-signature');
  });

  it('pays the running epoch to whoever owns the device at its edge', () => {
    const t = new TestNetwork();
    const paid = { device: 0, rank: 0, role: 'miner' as const, attestation: attestation(0) };
    t.round([
      t.block(0, [t.transaction('bob', [handoverOp(t, 'device1', 'bob', 'alice')])], {
        committee: { mode: 0, paid: [paid] },
      }),
    ]);
    play(t, [[handover, 'ok']]);
    const [before, bobs] = [t.balance('alice'), t.balance('bob')];
    expect(t.endEpoch().edge?.settlement.devices).toMatchObject([{ device: 0, account: t.account('bob') }]);
    expect(t.balance('alice')).toBe(before);
    expect(t.balance('bob')).toBeGreaterThan(bobs);
  });

  it('that fails with its transaction leaves neither owner nor opened account', () => {
    const t = new TestNetwork();
    const rows = t.ledger.accounts.rows;
    const code = t.send('alice', handoverOp(t, 'device0', 'alice', 'dora'), {
      type: 'transfer',
      to: 9_999,
      amount: 1,
    }).code;
    expect(code).toBe('account-unknown');
    expect(t.ledger.accounts.rows).toBe(rows);
    expect(t.ledger.devices.read(0)).toMatchObject({ owner: t.account('alice'), changes: 0 });
  });
});
