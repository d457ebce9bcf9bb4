/** A ledger server joins by state sync where the snapshot is of the version before an upgrade, or of the one after it. */
import { readdirSync } from 'node:fs';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { keys, testGenesis } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { NEXT_VERSIONS } from '@iotw/ledger/test-versions';
import type { Operation } from '@iotw/protocol/operations';
import { encodeProposal, PROPOSAL_KIND } from '@iotw/protocol/proposals';
import { RESULT_CODES } from '@iotw/protocol/result';
import { signTransaction } from '@iotw/protocol/transaction';
import { afterAll, assert, beforeAll, describe, expect, it, vi } from 'vitest';
import { CometServers, everybody, WAIT } from './test-comet-servers.js';

const file = cometBftForTests();
const NEW = 3;
/** So long a span of agreed time (it ends in 2033) that its first snapshot stays the only one, from before the upgrade. */
const ONE_SPAN_MS = 1e12;
/** One a second: as long as a server looks for snapshots and fetches the newest it found. */
const KEPT = 20;
const FUND: Operation = { type: 'laneFund', lane: 0, credit: 5, bond: 1 };

/** Four servers that know the next version; all of them make snapshots. */
class Upgraded extends CometServers {
  #sequence = 0;

  constructor(snapshots: { readonly keep: number; readonly everyMs: number }) {
    super({
      file: file ?? '',
      genesis: {
        trustNodes: testGenesis().trustNodes.slice(0, 1),
        committee: [keys('alice').publicKey],
        committeeThreshold: 1,
      },
      trust: [{ index: 0, keys: keys('trust0'), accountKeys: keys('operator0') }],
      snapshots,
    });
    for (const index of everybody) this.versions.set(index, NEXT_VERSIONS);
  }

  ledger(index: number) {
    return this.running.get(index)!.node.ledger;
  }

  /** Alice's transaction through the trust node; its result code once it is final. */
  async send(operation: Operation): Promise<number> {
    const pair = keys('alice');
    const content = { sender: pair.publicKey, sequence: ++this.#sequence, operations: [operation] };
    const more = { memo: new Uint8Array(0), expiryMs: Date.now() + 600_000 };
    const { envelope } = signTransaction(this.network, { ...content, ...more }, pair);
    const run = { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) };
    const outcome = await this.running.get(0)!.node.submit(run, 'final');
    assert(outcome.ok, outcome.ok ? '' : outcome.error.message);
    return outcome.value.codes[0]!;
  }

  /** The network changes to version 2, while one server is away. */
  async upgradeWithout(index: number): Promise<void> {
    await vi.waitFor(() => {
      for (const server of everybody) expect(this.snapshots(server).length).toBeGreaterThan(0);
    }, WAIT);
    await this.stop(index);
    this.wipe(index);
    const epoch = this.ledger(0).epoch + 4;
    const content = encodeProposal({ kind: 'upgrade', content: { version: 2, epoch } });
    expect(
      await this.send({ type: 'propose', kind: PROPOSAL_KIND.upgrade, expiryEpoch: 1_000, content }),
    ).toBe(0);
    expect(await this.send(FUND)).toBe(0);
    await vi.waitFor(() => expect(this.ledger(0).upgrades).toMatchObject({ version: 2 }), WAIT);
    await this.goesOn(4);
    expect(await this.send(FUND)).toBe(RESULT_CODES['lane-unknown']);
  }

  snapshots(index: number): string[] {
    return readdirSync(this.snapshotFolder(index)).filter((name) => /^[0-9]+$/.test(name));
  }

  /** Its vote is needed: three of four decide, and one of the others is stopped. */
  async votes(index: number): Promise<void> {
    expect(this.ledger(index).upgrades).toEqual(this.ledger(0).upgrades);
    await this.stop(2);
    await this.goesOn(3);
    expect(await this.send(transferOp(1, 7))).toBe(0);
    this.agreeFrom(Math.max(...this.nodes.map(({ kept }) => kept.first)));
  }
}

describe.skipIf(file === undefined)('a server that joins after an upgrade from a snapshot of before', () => {
  const servers = new Upgraded({ keep: 1, everyMs: ONE_SPAN_MS });
  beforeAll(() => servers.open(), 120_000);
  afterAll(() => servers.close(), 60_000);

  it('follows up to the height of the upgrade where its software is old, stops and refuses to start', {
    timeout: 240_000,
  }, async () => {
    await servers.upgradeWithout(NEW);
    const { since } = servers.ledger(0).upgrades;
    servers.versions.delete(NEW);
    servers.stateSync.set(NEW, await servers.trusted());
    await servers.start(NEW);
    // The snapshot is of the first epoch: the rounds from there to the upgrade came as blocks.
    const { first } = servers.running.get(NEW)!.node.kept;
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThan(since);
    await vi.waitFor(() => expect(servers.halts.length).toBe(1), WAIT);
    expect(servers.halts[0]).toMatch(/^ledger:3 HALTED upgrade-needed: .*knows version 2/);
    expect(servers.ledger(NEW).round).toBe(since - 1);
    await servers.stop(NEW);
    expect(await servers.tryStart(NEW)).toMatchObject({ ok: false, error: { code: 'upgrade-needed' } });
    await servers.goesOn(3);
  });

  it('goes through the height on the same data once its software is new, and votes', {
    timeout: 240_000,
  }, async () => {
    servers.versions.set(NEW, NEXT_VERSIONS);
    await servers.start(NEW);
    await servers.goesOn(2);
    await servers.votes(NEW);
  });

  it('goes through the height at once where its software is new from the start', {
    timeout: 240_000,
  }, async () => {
    await servers.start(2);
    await servers.goesOn(2);
    await servers.stop(NEW);
    servers.wipe(NEW);
    servers.stateSync.set(NEW, await servers.trusted());
    await servers.start(NEW);
    const { since } = servers.ledger(0).upgrades;
    expect(servers.running.get(NEW)!.node.kept.first).toBeLessThan(since);
    await servers.goesOn(2);
    await servers.votes(NEW);
    expect(servers.halts.length).toBe(1);
  });
});

describe.skipIf(file === undefined)('a server that joins after an upgrade from a snapshot of after', () => {
  const servers = new Upgraded({ keep: KEPT, everyMs: 1_000 });
  beforeAll(() => servers.open(), 120_000);
  afterAll(() => servers.close(), 60_000);

  it('starts on no state of a version that its software lacks; with the software that has it, it goes on and votes', {
    timeout: 240_000,
  }, async () => {
    await servers.upgradeWithout(NEW);
    // By then the newest snapshots, which are taken first, are of the new version.
    const { since, version } = servers.ledger(0).upgrades;
    expect(version).toBe(2);
    await servers.goesOn(10);
    servers.versions.delete(NEW);
    servers.stateSync.set(NEW, await servers.trusted());
    expect(await servers.tryStart(NEW)).toMatchObject({ ok: false, error: { code: 'upgrade-needed' } });
    servers.versions.set(NEW, NEXT_VERSIONS);
    await servers.start(NEW);
    expect(servers.running.get(NEW)!.node.kept.first).toBeGreaterThan(since);
    await servers.goesOn(2);
    await servers.votes(NEW);
    expect(servers.halts).toEqual([]);
  });
});
