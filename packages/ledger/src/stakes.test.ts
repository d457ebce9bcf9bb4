import { ELECTION_MODE } from '@iotw/protocol/parameters';
import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.js';
import { TestNetwork } from './test-network.js';
import { claimOp, presenceOp, transferOp } from './test-operations.js';
import { SavedPages } from './test-saved-pages.js';

/** No fees and no damping, so that balances are what the test moves and weights what they make. */
const FREE = {
  feeFloor: 0,
  feePerOperation: 0,
  feeBps: 0,
  ownerFreeDevices: 0,
  ownerCapBps: 10_000,
  batchCapBps: 10_000,
  electionMode: ELECTION_MODE.stake,
};

function pay(t: TestNetwork, from: string, to: string, amount: number): void {
  expect(t.send(from, transferOp(t.account(to), amount)).code).toBe('ok');
}

/** Ends the epoch with these devices present; gives their weights in the pool that it froze. */
function weights(t: TestNetwork, ...devices: string[]): number[] {
  const tickets = devices.map((device) => presenceOp(t, device));
  const block = t.block(0, [t.transaction('operator0', tickets)]);
  return t.endEpoch([block]).edge!.frozenNext.devices.map(({ weight }) => weight);
}

describe('stake', () => {
  it('is the genesis’ balance for the first pools', () => {
    const t = new TestNetwork({ parameters: FREE });
    // alice owns device0 with 1,000,000 base units, the rest are nobody's and have nothing.
    expect(t.ledger.snapshotOf(0)?.devices.map((d) => d.weight)).toEqual([100, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('is the least balance over the epoch, whatever it was at its edges', () => {
    const t = new TestNetwork({ parameters: FREE });
    pay(t, 'alice', 'bob', 700_000);
    pay(t, 'bob', 'alice', 700_000);
    expect(weights(t, 'device0')).toEqual([30]);
    // The next epoch begins with the whole.
    expect(weights(t, 'device0')).toEqual([100]);
  });

  it('counts the last round of the epoch', () => {
    const t = new TestNetwork({ parameters: FREE });
    const spent = t.transaction('alice', [transferOp(t.account('bob'), 900_000)]);
    const here = t.transaction('operator0', [presenceOp(t, 'device0')]);
    const { edge } = t.endEpoch([t.block(0, [spent, here])]);
    expect(edge?.frozenNext.devices.map(({ weight }) => weight)).toEqual([10]);
  });

  it('moved from account to account within an epoch counts in none', () => {
    const t = new TestNetwork({ parameters: FREE });
    expect(t.send('bob', claimOp(t, 'device1', 'bob')).code).toBe('ok');
    t.endEpoch();
    pay(t, 'alice', 'bob', 1_000_000);
    pay(t, 'bob', 'alice', 2_000_000);
    // Both had 1,000,000 at the beginning; neither held it throughout.
    expect(weights(t, 'device0', 'device1')).toEqual([1, 1]);
  });

  it('of an account that claims its first device counts from the next epoch on', () => {
    const t = new TestNetwork({ parameters: FREE });
    expect(t.send('bob', claimOp(t, 'device1', 'bob')).code).toBe('ok');
    expect(weights(t, 'device0', 'device1')).toEqual([100, 1]);
    expect(weights(t, 'device0', 'device1')).toEqual([100, 100]);
    expect(t.send('bob', claimOp(t, 'device2', 'bob')).code).toBe('ok');
    expect(weights(t, 'device0', 'device1', 'device2')).toEqual([100, 50, 50]);
  });

  it('is kept by a snapshot in the middle of an epoch', () => {
    const t = new TestNetwork({ parameters: FREE });
    pay(t, 'alice', 'bob', 600_000);
    pay(t, 'bob', 'alice', 600_000);
    const pages = new SavedPages(t.ledger.save());
    const loaded = Ledger.load(pages.read, t.genesis);
    if (!loaded.ok) throw new Error(loaded.error.code);
    const stateHash = t.ledger.stateHash;
    t.ledger = loaded.value;
    expect(t.ledger.stateHash).toEqual(stateHash);
    expect(weights(t, 'device0')).toEqual([40]);
  });
});
