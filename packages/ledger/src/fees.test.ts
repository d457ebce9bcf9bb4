import { MAX_SUPPLY } from '@iotw/protocol/limits';
import { describe, expect, it } from 'vitest';
import { publicKey, TestNetwork } from './test-network.js';
import {
  countersigned,
  evidenceOp,
  NO_SIGNATURE,
  presenceOp,
  tradeOp,
  transferOp,
  transferToKeyOp,
  ZEROS,
} from './test-operations.js';

const FREE = { feeFloor: 0, feePerOperation: 0, feeBps: 0 };

describe('fees', () => {
  // [amounts, feeBps, fee]: floor 100, 10 per operation, basis points floored once over the whole.
  it.each([
    [[1], 10, 110],
    [[999], 10, 110],
    [[1_000], 10, 111],
    [[1_999], 10, 111],
    [[999, 1], 10, 121],
    [[5_000, 4_999], 25, 144],
    [[100], 10_000, 210],
    [[10], 0, 110],
  ])('moving %j at %i basis points costs %i', (amounts, feeBps, fee) => {
    const t = new TestNetwork({ parameters: { feeBps } });
    const pool = t.ledger.rewards.pool;
    const bob = t.account('bob');
    const sent = t.send('alice', ...amounts.map((amount) => transferOp(bob, amount)));
    expect(sent).toEqual({ code: 'ok', fee });
    const moved = amounts.reduce((a, b) => a + b, 0);
    expect(t.balance('alice')).toBe(1_000_000 - moved - fee);
    expect(t.balance('bob')).toBe(1_000_000 + moved);
    expect(t.ledger.rewards.pool).toBe(pool + fee);
  });

  it('the floor is taken whatever the outcome, the rest only on success', () => {
    const t = new TestNetwork();
    const bob = t.account('bob');
    expect(t.send('alice', transferOp(bob, 5_000), transferOp(bob, 0))).toEqual({
      code: 'amount-zero',
      fee: 120,
    });
    expect(t.balance('alice')).toBe(1_000_000 - 120);
    expect(t.balance('bob')).toBe(1_000_000);
  });

  it('an amount whose basis points are not there fails as a whole', () => {
    const t = new TestNetwork();
    const all = 1_000_000 - 110;
    expect(t.send('alice', transferOp(t.account('bob'), all)).code).toBe('balance-too-low');
    expect(t.balance('bob')).toBe(1_000_000);
    expect(t.balance('alice')).toBe(all);
  });

  it('the lane pays what its sender can not: credit, then bond, then it is suspended', () => {
    const t = new TestNetwork({ parameters: { feeFloor: 6_000, feePerOperation: 0 } });
    const lane = () => t.ledger.trustNodes.read(0)!;
    const poor = () => t.send('carol', transferOp(t.account('bob'), 1));
    expect(poor()).toEqual({ code: 'fee-unpaid', fee: 6_000 });
    expect(lane()).toMatchObject({ credit: 4_000, bond: 100_000 });
    expect(poor()).toEqual({ code: 'fee-unpaid', fee: 6_000 });
    expect(lane()).toMatchObject({ credit: 0, bond: 98_000, suspended: false });
    for (let i = 0; i < 16; i++) poor();
    expect(poor()).toEqual({ code: 'fee-unpaid', fee: 2_000 });
    expect(lane()).toMatchObject({ credit: 0, bond: 0, suspended: true });
    expect(t.balance('carol')).toBe(50);
    const fund = t.transaction('alice', [{ type: 'laneFund', lane: 0, credit: 9, bond: 0 }]);
    expect(t.round([t.block(1, [fund])]).codes[0]).toBe(0);
    expect(lane()).toMatchObject({ credit: 9, suspended: false });
  });

  it('funds do not end a suspension for equivocation', () => {
    const t = new TestNetwork();
    const state = t.ledger.trustNodes;
    state.set('suspended', 1, 3);
    t.send('alice', { type: 'laneFund', lane: 1, credit: 9, bond: 0 });
    expect(state.read(1)?.suspended).toBe(true);
    expect(state.col.suspended[1]).toBe(2);
  });

  it('the lane pays one floor for what consumed no sequence', () => {
    const t = new TestNetwork();
    const before = t.balance('alice');
    const tx = t.transaction('alice', [transferOp(0, 1), transferOp(0, 1)], { expiryMs: 0 });
    expect(t.apply(tx)).toEqual({ code: 'transaction-expired', fee: 100 });
    expect(t.ledger.trustNodes.read(0)?.credit).toBe(9_900);
    expect(t.balance('alice')).toBe(before);
    expect(t.ledger.accounts.sequence(t.account('alice'))).toBe(0);
  });

  it("tickets from a trust node's account are free, alone and from nobody else", () => {
    const t = new TestNetwork();
    const ticket = (device: string) => presenceOp(t, device);
    expect(t.send('operator0', ticket('device1'), ticket('device2'))).toEqual({ code: 'ok', fee: 0 });
    expect(t.send('operator1', ticket('device3'))).toEqual({ code: 'ok', fee: 0 });
    expect(t.send('alice', ticket('device4'))).toEqual({ code: 'ok', fee: 110 });
    const mixed = t.send('operator0', ticket('device5'), transferOp(t.account('bob'), 1));
    expect(mixed).toEqual({ code: 'ok', fee: 120 });
  });
});

describe('a transaction of presence tickets', () => {
  it('passes over a bad ticket, so that one device does not shut out the others', () => {
    const t = new TestNetwork();
    const bad = presenceOp(t, 'device2', { device: 4 });
    expect(t.send('operator0', presenceOp(t, 'device1'), bad, presenceOp(t, 'device3')).code).toBe('ok');
    expect([1, 2, 3, 4].map((n) => t.ledger.devices.read(n)?.presentEpoch)).toEqual([
      0,
      undefined,
      0,
      undefined,
    ]);
  });

  it('fails with the first code where every ticket is bad', () => {
    const t = new TestNetwork();
    expect(t.send('operator0', presenceOp(t, 'device1'), presenceOp(t, 'device2')).code).toBe('ok');
    const repeated = [presenceOp(t, 'device1'), presenceOp(t, 'device2', { epoch: 9 })] as const;
    expect(t.send('operator0', ...repeated).code).toBe('presence-repeated');
  });

  it('is no cover for other operations: then all apply or none', () => {
    const t = new TestNetwork();
    const before = t.balance('bob');
    const bad = presenceOp(t, 'device2', { device: 4 });
    expect(t.send('alice', bad, transferOp(t.account('bob'), 5)).code).toBe('presence-signature');
    expect(t.balance('bob')).toBe(before);
  });
});

describe('amounts near the end of exact integers', () => {
  const rich = (amount: number, parameters = FREE) => {
    const t = new TestNetwork({ parameters, genesis: { rewardPool: 0 } });
    const rest = t.ledger.countSupply() - t.balance('alice');
    const accounts = t.genesis.accounts.map((a, i) => (i === 0 ? { ...a, amount: amount - rest } : a));
    return new TestNetwork({ parameters, genesis: { rewardPool: 0, accounts } });
  };

  it('moves all but everything there can be', () => {
    const t = rich(MAX_SUPPLY);
    const all = t.balance('alice');
    expect(t.send('alice', transferToKeyOp('dora', all)).code).toBe('ok');
    expect(t.balance('dora')).toBe(all);
    expect(t.send('dora', transferOp(t.account('bob'), all)).code).toBe('ok');
    expect(t.ledger.countSupply()).toBe(MAX_SUPPLY);
  });

  it('takes exact basis points of it', () => {
    const t = rich(MAX_SUPPLY, { ...FREE, feeBps: 9_999 });
    const tooMuch = 4_500_300_000_000_001;
    expect(t.send('alice', transferToKeyOp('dora', tooMuch))).toEqual({ code: 'balance-too-low', fee: 0 });
    const amount = 4_400_000_000_000_001;
    const fee = Number((BigInt(amount) * 9_999n) / 10_000n);
    expect(t.send('alice', transferToKeyOp('dora', amount))).toEqual({ code: 'ok', fee });
    expect(t.ledger.countSupply()).toBe(MAX_SUPPLY);
  });

  it('a sum of moves above 2^53-1 is an overflow, undone', () => {
    const t = rich(MAX_SUPPLY);
    const all = t.balance('alice');
    // bob pulls by a countersigned trade what he gives back in the next operation.
    const pull = countersigned(t, tradeOp('alice', all, { side: 1 }), 'bob', 'alice');
    expect(t.send('bob', pull, transferOp(t.account('alice'), all)).code).toBe('amount-overflow');
    expect(t.balance('alice')).toBe(all);
  });
});

describe('all or none', () => {
  it('an opened account, its trade and a retried number leave nothing behind', () => {
    const t = new TestNetwork({ parameters: FREE });
    const rows = t.ledger.accounts.rows;
    const bad = evidenceOp('voteEquivocation', ZEROS, ZEROS);
    const failed = t.transaction('alice', [
      transferToKeyOp('dora', 10),
      tradeOp('erin', 20),
      transferOp(rows, 5),
      bad,
    ]);
    expect(t.apply(failed).code).toBe('evidence-malformed');
    expect(t.ledger.accounts.rows).toBe(rows);
    expect(t.account('dora')).toBe(-1);
    expect(t.ledger.trades.rows).toBe(0);
    expect(t.ledger.trades.find(failed.id, 1)).toBe(-1);
    expect(t.balance('alice')).toBe(1_000_000);
    const good = t.transaction('alice', [tradeOp('erin', 20), transferToKeyOp('dora', 10)]);
    expect(t.apply(good).code).toBe('ok');
    expect([t.account('erin'), t.account('dora')]).toEqual([rows, rows + 1]);
    const trade = t.ledger.trades.find(good.id, 0);
    expect(t.ledger.trades.read(trade)).toMatchObject({
      buyer: t.account('alice'),
      seller: rows,
      amount: 20,
    });
  });

  it('a failed transaction that made the tables grow leaves them as they were', () => {
    const t = new TestNetwork({ parameters: FREE });
    const guests = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => transferToKeyOp(`guest${from + i}`, 1 + i));
    expect(t.send('alice', ...guests(0, 500)).code).toBe('ok');
    const rows = t.ledger.accounts.rows;
    const root = t.ledger.stateRoot();
    expect(t.send('alice', ...guests(500, 1_023), transferOp(rows, 0)).code).toBe('amount-zero');
    expect(t.ledger.accounts.rows).toBe(rows);
    expect(t.account('guest700')).toBe(-1);
    expect(t.send('bob', ...guests(700, 1_000)).code).toBe('ok');
    expect(t.account('guest700')).toBe(rows);
    expect([t.balance('guest499'), t.balance('guest1699')]).toEqual([500, 1_000]);
    expect(t.ledger.accounts.key(rows)).toEqual(publicKey('guest700'));
    expect(t.ledger.stateRoot()).not.toEqual(root);
  });

  it('an operation sees what the ones before it did', () => {
    const t = new TestNetwork({ parameters: FREE });
    const device = { type: 'deviceRelease', device: t.ledger.devices.key(0) } as const;
    expect(t.send('alice', device, device).code).toBe('device-not-owner');
    expect(t.ledger.devices.read(0)?.owner).toBe(t.account('alice'));
    expect(t.send('alice', tradeOp('bob', 5, { countersignature: NO_SIGNATURE })).code).toBe(
      'countersignature-invalid',
    );
  });
});
