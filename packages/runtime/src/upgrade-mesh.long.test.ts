/** Four ledger servers on CometBFT come to the height of an upgrade; the software of one of them does not know the version. */
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { keys, testGenesis } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { NEXT_VERSIONS } from '@iotw/ledger/test-versions';
import type { Operation } from '@iotw/protocol/operations';
import { encodeProposal, PROPOSAL_KIND } from '@iotw/protocol/proposals';
import { RESULT_CODES } from '@iotw/protocol/result';
import { roundHash } from '@iotw/protocol/round';
import { signTransaction } from '@iotw/protocol/transaction';
import { afterAll, assert, beforeAll, describe, expect, it, vi } from 'vitest';
import { CometServers, WAIT } from './test-comet-servers.js';

const file = cometBftForTests();
const OLD = 3;
const servers = new CometServers({
  file: file ?? '',
  genesis: {
    trustNodes: testGenesis().trustNodes.slice(0, 1),
    committee: [keys('alice').publicKey],
    committeeThreshold: 1,
  },
  trust: [{ index: 0, keys: keys('trust0'), accountKeys: keys('operator0') }],
});
const FUND: Operation = { type: 'laneFund', lane: 0, credit: 5, bond: 1 };

let sequence = 0;
/** Alice's transaction through the trust node; its result code once it is final. */
async function send(operation: Operation): Promise<number> {
  const pair = keys('alice');
  sequence += 1;
  const { envelope } = signTransaction(
    servers.network,
    {
      sender: pair.publicKey,
      sequence,
      operations: [operation],
      memo: new Uint8Array(0),
      expiryMs: Date.now() + 600_000,
    },
    pair,
  );
  const run = { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) };
  const outcome = await servers.running.get(0)!.node.submit(run, 'final');
  assert(outcome.ok, outcome.ok ? '' : outcome.error.message);
  return outcome.value.codes[0]!;
}

const ledgerOf = (index: number) => servers.running.get(index)!.node.ledger;

describe.skipIf(file === undefined)('four ledger servers on CometBFT, three of them upgraded', () => {
  beforeAll(() => {
    for (const index of [0, 1, 2]) servers.versions.set(index, NEXT_VERSIONS);
    return servers.open();
  }, 120_000);
  afterAll(() => servers.close(), 60_000);

  let height: number;

  it('go on at the height without a stop; the fourth stops itself before it, with what it needs', {
    timeout: 240_000,
  }, async () => {
    await vi.waitFor(() => expect(ledgerOf(0).epoch).toBeGreaterThanOrEqual(1), WAIT);
    height = ledgerOf(0).epoch + 5;
    const content = encodeProposal({ kind: 'upgrade', content: { version: 2, epoch: height } });
    expect(await send({ type: 'propose', kind: PROPOSAL_KIND.upgrade, expiryEpoch: 1_000, content })).toBe(0);
    expect(await send(FUND)).toBe(0);
    await vi.waitFor(() => expect(servers.halts.length).toBe(1), WAIT);
    expect(servers.halts[0]).toMatch(
      /^ledger:3 HALTED upgrade-needed: .*install software that knows version 2/,
    );
    // What it has is whole: it left the old version's last round with the others' state.
    const last = ledgerOf(OLD).round;
    const { since } = ledgerOf(0).upgrades;
    expect(last).toBe(since - 1);
    const { header } = servers.running.get(0)!.node.history.round(last)!;
    expect(ledgerOf(OLD).roundHash).toEqual(roundHash(servers.network, header));
    await servers.stop(OLD);
    await servers.goesOn(3);
    servers.agreeOnAll();
    expect(servers.running.get(0)!.node.history.round(since)?.header.version).toBe(2);
    expect(servers.running.get(0)!.node.history.round(since - 1)?.header).toMatchObject({
      version: 1,
      epoch: height,
    });
    expect(await send(FUND)).toBe(RESULT_CODES['lane-unknown']);
    expect(await send(transferOp(1, 7))).toBe(0);
  });

  it('refuse to start with the old software; replaced, the fourth has all that it missed and votes', {
    timeout: 240_000,
  }, async () => {
    expect(await servers.tryStart(OLD)).toMatchObject({ ok: false, error: { code: 'upgrade-needed' } });
    servers.versions.set(OLD, NEXT_VERSIONS);
    await servers.start(OLD);
    await servers.goesOn(2);
    servers.agreeOnAll();
    expect(ledgerOf(OLD).upgrades).toMatchObject({ version: 2, since: ledgerOf(0).upgrades.since });
    // Three of four decide: without another one, its vote is needed.
    await servers.stop(2);
    await servers.goesOn(3);
    servers.agreeOnAll();
    expect(servers.halts.length).toBe(1);
  });
});
