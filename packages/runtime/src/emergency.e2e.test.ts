import { until } from '@iotw/adapters/mqtt/test-raw-client';
import { emergencySeed } from '@iotw/assignment/public-beacons';
import { keys } from '@iotw/ledger/test-network';
import type { Operation } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LoneServer } from './test-lone-server.js';
import { BEACON, beaconNetwork, clock, nameRound, ROUND, Sender, VALUE } from './test-public-beacon.js';

const { genesis, network } = beaconNetwork(3_000);
const server = new LoneServer({
  genesis,
  clock,
  trust: [{ index: 0, keys: keys('trust0'), accountKeys: keys('operator0') }],
});
const { start, stop } = server;
const senders = new Sender(server, network);
beforeAll(start);
afterAll(() => server.remove());

const act = async (sender: string, operation: Operation): Promise<number> =>
  (await senders.send(sender, () => operation)).code;

it('a process whose shared key is lost waits, opens one epoch by the value a vote named, and goes on with a new key', async () => {
  await until(() => server.node.ledger.epoch >= 1);
  const { groupKey } = server.node.ledger.beacon;
  await stop();
  await server.loseShare();
  await start();
  const { epoch } = server.node.ledger;
  await until(() => server.node.ledger.epochDue(clock.nowMs() - 1_500));
  expect(server.node.ledger.epoch).toBe(epoch);

  expect(await act('alice', nameRound(epoch + 1))).toBe(0);
  expect(server.node.ledger.nextSeed()).toMatchObject({ epoch: epoch + 1, source: 'public' });

  const wrong = VALUE.map((byte, i) => (i === 7 ? byte ^ 1 : byte));
  expect(await act('operator0', { type: 'publicValue', value: wrong })).toBe(RESULT_CODES['emergency-value']);
  expect(await act('bob', { type: 'publicValue', value: VALUE })).toBe(RESULT_CODES['node-not-account']);
  const before = server.node.ledger.epochs.seed;
  expect(await act('operator0', { type: 'publicValue', value: VALUE })).toBe(0);
  await until(() => server.node.ledger.epoch > epoch);
  const seed = emergencySeed(network, before, epoch + 1, BEACON, ROUND, VALUE);
  expect(seed).toEqual({ ok: true, value: server.node.ledger.snapshotOf(epoch + 1)!.seed });

  await until(() => server.node.ledger.epoch > epoch + 2);
  expect(server.node.ledger.beacon.groupKey).not.toEqual(groupKey);
});
