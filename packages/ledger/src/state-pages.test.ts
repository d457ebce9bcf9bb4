import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.js';
import { META_TABLE } from './state-pages.js';
import { attestation, TestNetwork } from './test-network.js';
import {
  makerBatchOp,
  presenceOp,
  registerOp,
  rotateOp,
  tradeOp,
  transferOp,
  transferToKeyOp,
} from './test-operations.js';
import { SavedPages } from './test-saved-pages.js';

function busy(t: TestNetwork): void {
  const paid = [{ device: 0, rank: 0, role: 'miner' as const, attestation: attestation(0) }];
  const keys = Array.from({ length: 300 }, (_, i) => transferToKeyOp(`guest${i}`, 1));
  const tx = t.transaction('alice', keys);
  t.round([t.block(0, [tx], { committee: { mode: 0, paid } })]);
  t.send('alice', tradeOp('bob', 7), tradeOp('erin', 8));
  t.send('alice', makerBatchOp(t), registerOp(t, 'new', { batch: 9 }));
  t.send('operator0', presenceOp(t, 'device2'), presenceOp(t, 'new'));
  t.send('operator0', rotateOp(t, 'operator0', 'fresh', { index: 0, role: 1 }));
  t.endEpoch();
  t.send('alice', transferOp(t.account('bob'), 5));
}

describe('snapshots', () => {
  it('goes on identically from what was saved', () => {
    const t = new TestNetwork();
    busy(t);
    const pages = new SavedPages();
    pages.take(t.ledger.save());
    const loaded = Ledger.load(pages.read, t.genesis, { indexSalt: new Uint8Array(32).fill(7) });
    if (!loaded.ok) throw new Error(loaded.error.message);
    const other = loaded.value;
    expect(other.stateHash).toEqual(t.ledger.stateHash);
    expect(other.roundHash).toEqual(t.ledger.roundHash);
    expect(other.stateRoot()).toEqual(t.ledger.stateRoot());
    expect(other.countSupply()).toBe(t.ledger.chain.supply);
    expect(other.snapshotOf(1)).toEqual(t.ledger.snapshotOf(1));
    expect(other.whyPaid(0, 0)).toEqual(t.ledger.whyPaid(0, 0));

    const paid = [{ device: 1, rank: 0, role: 'miner' as const, attestation: attestation(1) }];
    const blocks = [
      t.block(1, [t.transaction('bob', [tradeOp('zoe', 9)])], { committee: { mode: 0, paid } }),
    ];
    const inputs = [
      t.input(),
      { ...t.input(), number: t.ledger.round + 2, timeMs: t.ledger.timeMs + 10_000 },
    ];
    inputs[1] = { ...inputs[1]!, seedProof: t.seedProof() };
    const mine = [t.ledger.applyRound(inputs[0]!, blocks), t.ledger.applyRound(inputs[1]!, [])];
    const theirs = [other.applyRound(inputs[0]!, blocks), other.applyRound(inputs[1]!, [])];
    expect(theirs).toEqual(mine);
    expect(other.stateRoot()).toEqual(t.ledger.stateRoot());
  });

  it('saves only what changed since', () => {
    const t = new TestNetwork();
    busy(t);
    const pages = new SavedPages();
    const all = pages.take(t.ledger.save());
    expect(pages.take(t.ledger.save())).toBe(1);
    t.send('alice', transferOp(t.account('bob'), 5));
    const few = pages.take(t.ledger.save());
    expect(few).toBeLessThan(all);
    const loaded = Ledger.load(pages.read, t.genesis);
    expect(loaded.ok && loaded.value.stateRoot()).toEqual(t.ledger.stateRoot());
  });

  it.each([
    ['snapshot-missing', (p: SavedPages) => p.held.delete(`${META_TABLE}/0`)],
    ['snapshot-missing', (p: SavedPages) => p.held.delete('accounts/1')],
    ['snapshot-malformed', (p: SavedPages) => p.held.set('accounts/1', new Uint8Array(3))],
    ['snapshot-malformed', (p: SavedPages) => p.held.set(`${META_TABLE}/0`, new Uint8Array(3))],
  ] as const)('%s (%#)', (code, spoil) => {
    const t = new TestNetwork();
    busy(t);
    const pages = new SavedPages();
    pages.take(t.ledger.save());
    spoil(pages);
    const loaded = Ledger.load(pages.read, t.genesis);
    expect(loaded.ok ? 'ok' : loaded.error.code).toBe(code);
  });

  it.each(['accounts', 'devices', 'rewards'])(
    'snapshot-stale: an old page of %s under the checksum it had',
    (table) => {
      const t = new TestNetwork();
      const pages = new SavedPages();
      pages.take(t.ledger.save());
      const before = new Map(pages.held);
      busy(t);
      pages.take(t.ledger.save());
      expect(Ledger.load(pages.read, t.genesis).ok).toBe(true);
      // The same rows as before, though the page would fit: its write was lost.
      const now = pages.held.get(`${table}/0`)!;
      const old = before.get(`${table}/0`)!;
      pages.held.set(
        `${table}/0`,
        Uint8Array.from(now, (byte, i) => (i < 4 ? old[i]! : byte)),
      );
      const loaded = Ledger.load(pages.read, t.genesis);
      expect(loaded.ok ? 'ok' : loaded.error.code).toBe('snapshot-stale');
    },
  );

  it('snapshot-network', () => {
    const t = new TestNetwork();
    const pages = new SavedPages();
    pages.take(t.ledger.save());
    const other = new TestNetwork({ genesis: { rewardPool: 5 } });
    const loaded = Ledger.load(pages.read, other.genesis);
    expect(loaded.ok ? 'ok' : loaded.error.code).toBe('snapshot-network');
  });
});
