/** A network with one ledger server, on the embedded engine, comes to the height of an upgrade. */
import { until } from '@iotw/adapters/mqtt/test-raw-client';
import type { Failure } from '@iotw/kernel/result';
import { keys } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { NEXT_VERSIONS } from '@iotw/ledger/test-versions';
import type { Operation } from '@iotw/protocol/operations';
import { encodeProposal, PROPOSAL_KIND } from '@iotw/protocol/proposals';
import { RESULT_CODES } from '@iotw/protocol/result';
import { afterEach, expect, it } from 'vitest';
import { LoneServer, loneNetwork } from './test-lone-server.js';
import { clock, Sender } from './test-public-beacon.js';

const { genesis, network } = loneNetwork(clock.nowMs(), { epochMs: 500 });
const trust = [{ index: 0, keys: keys('trust0'), accountKeys: keys('operator0') }];
const FUND: Operation = { type: 'laneFund', lane: 0, credit: 5, bond: 1 };

/** The committee's vote for version 2. */
function upgradeFrom(epoch: number): Operation {
  const content = encodeProposal({ kind: 'upgrade', content: { version: 2, epoch } });
  return { type: 'propose', kind: PROPOSAL_KIND.upgrade, expiryEpoch: 1_000, content };
}

/** Versions of the rounds that are on the server's disk, with the number of each one's first round. */
function versionsOf({ node }: LoneServer): Map<number, number> {
  const first = new Map<number, number>();
  for (let number = 1; ; number++) {
    const record = node.history.round(number);
    if (record === undefined) return first;
    const { version } = record.header;
    if (!first.has(version)) first.set(version, number);
  }
}

let server: LoneServer;
afterEach(() => server.remove());

it('software that knows the version goes on at the height without a stop, under its rules', async () => {
  server = new LoneServer({ genesis, clock, trust });
  server.versions = NEXT_VERSIONS;
  await server.start();
  const senders = new Sender(server, network);
  const height = server.node.ledger.epoch + 4;
  expect((await senders.send('alice', () => upgradeFrom(height))).code).toBe(0);
  expect((await senders.send('alice', () => FUND)).code).toBe(0);
  await until(() => server.node.ledger.epoch > height + 1);
  const { since } = server.node.ledger.upgrades;
  expect([...versionsOf(server)]).toEqual([
    [1, 1],
    [2, since],
  ]);
  // The edge's round is the last of version 1, and opens the epoch that the vote named.
  expect(server.node.history.round(since - 1)?.header).toMatchObject({ version: 1, epoch: height });
  expect((await senders.send('alice', () => FUND)).code).toBe(RESULT_CODES['lane-unknown']);
  await server.stop();
  await server.start();
  expect(server.node.ledger.upgrades.version).toBe(2);
});

it('software that does not stops before it with a code, all that was final on disk, and goes on when it was replaced', async () => {
  server = new LoneServer({ genesis, clock, trust });
  const faults: Failure[] = [];
  server.onHalt = (fault) => faults.push(fault);
  await server.start();
  const senders = new Sender(server, network);
  const height = server.node.ledger.epoch + 4;
  expect((await senders.send('alice', () => upgradeFrom(height))).code).toBe(0);
  const { id } = await senders.send('alice', () => transferOp(1, 7));
  await until(() => faults.length > 0);
  const { ledger } = server.node;
  const last = ledger.round;
  expect(faults).toMatchObject([{ code: 'upgrade-needed', data: { version: 2, round: last + 1 } }]);
  expect(faults[0]!.message).toContain('install software that knows version 2');
  expect(ledger.epoch).toBe(height);
  const hash = ledger.roundHash.slice();
  await server.stop();

  // The same software again: the same answer, and nothing is touched.
  await expect(server.start()).rejects.toThrow(/^upgrade-needed: .*runs protocol version 2/);

  server.versions = NEXT_VERSIONS;
  server.onHalt = ({ code, message }) => {
    throw new Error(`${code}: ${message}`);
  };
  await server.start();
  expect(server.node.ledger.roundHash).toEqual(hash);
  const kept = Array.from({ length: last }, (_, i) => server.node.history.round(i + 1)!);
  expect(kept.some((record) => Buffer.from(record.ids).includes(Buffer.from(id)))).toBe(true);
  await until(() => server.node.ledger.epoch > height + 1);
  expect([...versionsOf(server)]).toEqual([
    [1, 1],
    [2, last + 1],
  ]);
  expect((await senders.send('alice', () => FUND)).code).toBe(RESULT_CODES['lane-unknown']);
});
