import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@iotw/adapters/mqtt/test-raw-client';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { utf8 } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { keys, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { BEACON_TABLE, readBeaconStore } from '@iotw/nodes/ledger-server/beacon-member';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeProcess } from './node-process.js';
import { wallClock } from './wall-clock.js';

const { genesis, network } = new TestNetwork({
  genesis: { timeMs: Date.now(), ledgerServers: testGenesis().ledgerServers.slice(0, 1), devices: [] },
  parameters: { epochMs: 1_000, seedSource: SEED_SOURCE.threshold },
});

let dir: string;
let store: Store;
let node: NodeProcess;

async function start(): Promise<void> {
  const lmdb = await openLmdbStore({ path: join(dir, 'ledger') });
  if (!lmdb.ok) throw new Error(lmdb.error.message);
  store = lmdb.value;
  const opened = await NodeProcess.open({
    genesis,
    store,
    verifier: inlineVerifier(network),
    clock: wallClock(),
    trust: [],
    ledger: { index: 0, keys: keys('ledger0'), vrfKeys: vrfKeyPairFromSeed(sha256(utf8('vrf0'))) },
    onHalt: ({ code, message }) => {
      throw new Error(`${code}: ${message}`);
    },
  });
  if (!opened.ok) throw new Error(opened.error.message);
  node = opened.value;
  await node.start();
}

async function stop(): Promise<void> {
  await node.stop();
  await store.close();
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-threshold-'));
  await start();
});
afterAll(async () => {
  await stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('a node process of a network with threshold seeds', () => {
  it('makes its key, opens epochs with it, and goes on with the same share after a restart', async () => {
    await until(() => node.ledger.epoch >= 2);
    const { groupKey, ceremony } = node.ledger.beacon;
    expect(groupKey).toHaveLength(48);
    expect(ceremony).toBe(1);
    const { share } = readBeaconStore(store);
    await stop();
    await start();
    const { epoch } = node.ledger;
    expect(epoch).toBeGreaterThanOrEqual(2);
    expect(readBeaconStore(store)).toEqual({ ceremony: undefined, share });
    await until(() => node.ledger.epoch > epoch);
    expect(node.ledger.beacon.groupKey).toEqual(groupKey);
    expect(node.ledger.beacon.ceremony).toBe(ceremony);
  });

  it('waits where the last share is gone: nothing stands in for the key', async () => {
    // Alone it can't reshare: with the last share gone the key is gone, and the epoch waits.
    await stop();
    const lmdb = await openLmdbStore({ path: join(dir, 'ledger') });
    if (!lmdb.ok) throw new Error(lmdb.error.message);
    await lmdb.value.commit([{ table: BEACON_TABLE, key: utf8('share'), value: undefined }]);
    await lmdb.value.close();
    await start();
    const { epoch } = node.ledger;
    await until(() => node.ledger.epochDue(Date.now() - 1_500));
    expect(node.ledger.epoch).toBe(epoch);
    expect(node.ledger.nextSeed().source).toBe('threshold');
  });
});
