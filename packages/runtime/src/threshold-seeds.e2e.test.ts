import { until } from '@iotw/adapters/mqtt/test-raw-client';
import { TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { readBeaconStore } from '@iotw/nodes/ledger-server/beacon-member';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoneServer } from './test-lone-server.js';
import { wallClock } from './wall-clock.js';

const { genesis } = new TestNetwork({
  genesis: { timeMs: Date.now(), ledgerServers: testGenesis().ledgerServers.slice(0, 1), devices: [] },
  parameters: { epochMs: 1_000, seedSource: SEED_SOURCE.threshold },
});

const server = new LoneServer({ genesis, clock: wallClock(), trust: [] });
const { start, stop } = server;
beforeAll(start);
afterAll(() => server.remove());

describe('a node process of a network with threshold seeds', () => {
  it('makes its key, opens epochs with it, and goes on with the same share after a restart', async () => {
    await until(() => server.node.ledger.epoch >= 2);
    const { groupKey, ceremony } = server.node.ledger.beacon;
    expect(groupKey).toHaveLength(48);
    expect(ceremony).toBe(1);
    const { share } = readBeaconStore(server.store);
    await stop();
    await start();
    const { epoch } = server.node.ledger;
    expect(epoch).toBeGreaterThanOrEqual(2);
    expect(readBeaconStore(server.store)).toEqual({ ceremony: undefined, share });
    await until(() => server.node.ledger.epoch > epoch);
    expect(server.node.ledger.beacon.groupKey).toEqual(groupKey);
    expect(server.node.ledger.beacon.ceremony).toBe(ceremony);
  });

  it('waits where the last share is gone: nothing stands in for the key', async () => {
    // Alone it can't reshare: with the last share gone the key is gone, and the epoch waits.
    await stop();
    await server.loseShare();
    await start();
    const { epoch } = server.node.ledger;
    await until(() => server.node.ledger.epochDue(Date.now() - 1_500));
    expect(server.node.ledger.epoch).toBe(epoch);
    expect(server.node.ledger.nextSeed().source).toBe('threshold');
  });
});
