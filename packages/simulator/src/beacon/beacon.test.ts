import { equalBytes } from '@iotw/kernel/bytes';
import { describe, expect, it } from 'vitest';
import { runBeaconDrill, untilKey } from './beacon-drill.js';
import { BeaconNetwork } from './beacon-network.js';

function run(network: BeaconNetwork, steps: number): void {
  for (let i = 0; i < steps; i++) network.step();
}

describe('the beacon of ledger servers', () => {
  it('is not bent and not stopped by one less than the threshold of corrupt members', () => {
    const report = runBeaconDrill({ seed: 'a', epochs: 20, members: 5, threshold: 3, corrupt: 2 });
    expect(report).toMatchObject({ missed: 0, unique: true, sameKey: true, restarts: 2 });
    expect(report.chiSquare).toBeLessThan(37.7);
    expect(Object.keys(report.misdeeds).sort()).toEqual(
      expect.arrayContaining(['badShares', 'falseAccusations', 'withheldSignatures', 'wrongSignatures']),
    );
  });

  it('of one member opens its epochs', () => {
    const report = runBeaconDrill({ seed: 'one', epochs: 4, members: 1, threshold: 1, corrupt: 0 });
    expect(report).toMatchObject({ missed: 0, unique: true, ceremonies: 1 });
  });

  it('waits, and says so, while too few members run: no other value stands in', () => {
    const network = new BeaconNetwork({ seed: 'few', members: 4, threshold: 3, corrupt: 0 });
    untilKey(network);
    network.stop(0);
    network.stop(1);
    const { epoch } = network.ledger;
    run(network, 60);
    expect(network.ledger.epoch).toBe(epoch);
    expect(network.ledger.nextSeed()).toMatchObject({ epoch: epoch + 1, source: 'threshold' });
    network.start(0);
    run(network, 20);
    expect(network.ledger.epoch).toBeGreaterThan(epoch);
  });

  it('has no epoch at all before its key, and no key with too few members', () => {
    const network = new BeaconNetwork({ seed: 'start', members: 4, threshold: 3, corrupt: 0 });
    network.stop(2);
    network.stop(3);
    run(network, 60);
    expect(network.ledger.beacon.phase).toBe('join');
    expect(network.ledger.epoch).toBe(0);
    network.start(3);
    untilKey(network);
    run(network, 20);
    expect(network.ledger.beacon.holders()).toHaveLength(3);
    expect(network.ledger.epoch).toBeGreaterThan(0);
  });

  it('gives a member that lost its share, or was away, another by resharing: the key stays, old shares die', () => {
    const network = new BeaconNetwork({ seed: 'lost', members: 4, threshold: 2, corrupt: 0 });
    untilKey(network);
    const { groupKey, generation } = network.ledger.beacon;
    const old = network.shareOf(2)!;
    network.stop(1);
    network.loseShare(1);
    network.start(1);
    expect(network.shareOf(1)).toBeUndefined();
    run(network, 120);
    expect(network.ledger.beacon.generation).toBeGreaterThan(generation);
    expect(network.ledger.beacon.groupKey).toEqual(groupKey);
    expect(network.shareOf(1)).toBeDefined();
    expect(equalBytes(network.shareOf(2)!, old)).toBe(false);
    expect(network.agreed).toBe(true);
  });

  it('keeps a share over restarts, sealed', () => {
    const network = new BeaconNetwork({ seed: 'restart', members: 3, threshold: 2, corrupt: 0 });
    untilKey(network);
    run(network, 10);
    const shares = network.honest.map((index) => network.shareOf(index));
    const { generation } = network.ledger.beacon;
    for (const index of network.honest) network.stop(index);
    for (const index of network.honest) network.start(index);
    const { epoch } = network.ledger;
    run(network, 30);
    expect(network.honest.map((index) => network.shareOf(index))).toEqual(shares);
    expect(network.ledger.beacon.generation).toBe(generation);
    expect(network.ledger.epoch).toBeGreaterThan(epoch + 1);
  });
});
