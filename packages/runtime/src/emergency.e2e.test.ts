import { readFileSync } from 'node:fs';
import { until } from '@iotw/adapters/mqtt/test-raw-client';
import { emergencySeed, PUBLIC_BEACONS, publicRoundMs } from '@iotw/assignment/public-beacons';
import { fromHex, utf8 } from '@iotw/kernel/bytes';
import { keys, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import type { Operation } from '@iotw/protocol/operations';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { encodeProposal, PROPOSAL_KIND } from '@iotw/protocol/proposals';
import { RESULT_CODES } from '@iotw/protocol/result';
import { signTransaction } from '@iotw/protocol/transaction';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LoneServer } from './test-lone-server.js';

const BEACON = PUBLIC_BEACONS.find(({ name }) => name === 'drand quicknet')!;
const { round, signature } = JSON.parse(
  readFileSync(new URL('../../../spec/vectors/external/drand_beacons.json', import.meta.url), 'utf8'),
).quicknet.rounds[0] as { round: number; signature: string };
const VALUE = fromHex(signature)!;

/** The process lives two minutes before drand published the round that its files hold. */
const SHIFT_MS = Date.now() - (publicRoundMs(BEACON, round) - 120_000);
const clock = { nowMs: () => Date.now() - SHIFT_MS };

const { genesis, network } = new TestNetwork({
  genesis: {
    timeMs: clock.nowMs(),
    trustNodes: testGenesis().trustNodes.slice(0, 1),
    ledgerServers: testGenesis().ledgerServers.slice(0, 1),
    devices: [],
    committee: [keys('alice').publicKey],
    committeeThreshold: 1,
  },
  parameters: { epochMs: 1_000, seedSource: SEED_SOURCE.threshold, beaconStepMs: 3_000 },
});

const server = new LoneServer({
  genesis,
  clock,
  trust: [{ index: 0, keys: keys('trust0'), accountKeys: keys('operator0') }],
});
const { start, stop } = server;
const sequences = new Map<string, number>();
beforeAll(start);
afterAll(() => server.remove());

/** Result code of a transaction of one operation, once it is final. */
async function act(sender: string, operation: Operation): Promise<number> {
  const sequence = (sequences.get(sender) ?? 0) + 1;
  sequences.set(sender, sequence);
  const pair = keys(sender);
  const content = { sender: pair.publicKey, sequence, operations: [operation], memo: utf8('') };
  const { envelope } = signTransaction(network, { ...content, expiryMs: clock.nowMs() + 600_000 }, pair);
  const outcome = await server.node.submit(
    { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) },
    'final',
  );
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value.codes[0]!;
}

it('a process whose shared key is lost waits, opens one epoch by the value a vote named, and goes on with a new key', async () => {
  await until(() => server.node.ledger.epoch >= 1);
  const { groupKey } = server.node.ledger.beacon;
  await stop();
  await server.loseShare();
  await start();
  const { epoch } = server.node.ledger;
  await until(() => server.node.ledger.epochDue(clock.nowMs() - 1_500));
  expect(server.node.ledger.epoch).toBe(epoch);

  const content = { epoch: epoch + 1, chain: BEACON.chain, round };
  const proposal = encodeProposal({ kind: 'emergencyBeacon', content });
  const kind = PROPOSAL_KIND.emergencyBeacon;
  expect(await act('alice', { type: 'propose', kind, expiryEpoch: 100, content: proposal })).toBe(0);
  expect(server.node.ledger.nextSeed()).toMatchObject({ epoch: epoch + 1, source: 'public' });

  const wrong = VALUE.map((byte, i) => (i === 7 ? byte ^ 1 : byte));
  expect(await act('operator0', { type: 'publicValue', value: wrong })).toBe(RESULT_CODES['emergency-value']);
  expect(await act('bob', { type: 'publicValue', value: VALUE })).toBe(RESULT_CODES['node-not-account']);
  const before = server.node.ledger.epochs.seed;
  expect(await act('operator0', { type: 'publicValue', value: VALUE })).toBe(0);
  await until(() => server.node.ledger.epoch > epoch);
  const seed = emergencySeed(network, before, epoch + 1, BEACON, round, VALUE);
  expect(seed).toEqual({ ok: true, value: server.node.ledger.snapshotOf(epoch + 1)!.seed });

  await until(() => server.node.ledger.epoch > epoch + 2);
  expect(server.node.ledger.beacon.groupKey).not.toEqual(groupKey);
});
