import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import type { Store } from '@iotw/kernel/ports/store';
import { attestation } from '@iotw/ledger/test-network';
import { lieOp, signedAttestation, transferOp } from '@iotw/ledger/test-operations';
import { roundHash } from '@iotw/protocol/round';
import { describe, expect, it } from 'vitest';
import { RoundLayout } from '../round-layout.js';
import { TestNode } from '../test-node.js';
import { HistoryIndex, type IndexLimits } from './history-index.js';
import { locationOf, ROUND_ITSELF, roundOf } from './location.js';
import { PAGE_TABLE } from './segment.js';

const SMALL: IndexLimits = { youngEntries: 20, youngRounds: 1_000, transactionsPerTurn: 3, heldRecords: 2 };

/** `rounds` rounds of one block with two transfers between alice and bob, every third on lane 1. */
function feed(node: TestNode, rounds: number) {
  for (let i = 0; i < rounds; i++) {
    const one = node.t.transaction('alice', [transferOp(1, 1 + i)]);
    const two = node.t.transaction('bob', [transferOp(0, 1), transferOp(2, 1), transferOp(2, 2)]);
    node.send(i % 3 === 2 ? 1 : 0, one, two);
  }
}

async function started(node: TestNode, store: Store, limits = SMALL) {
  const index = new HistoryIndex(store, node, limits);
  await index.start();
  await index.caughtUp();
  return index;
}

/** Everything the index says equals what a walk over the rounds says. */
function check(node: TestNode, index: HistoryIndex) {
  const accounts = new Map<number, number[]>();
  for (let number = 1; number <= node.ledger.round; number++) {
    const layout = new RoundLayout(node.history.round(number)!);
    for (let position = 0; position < layout.count; position++) {
      const location = locationOf(number, position);
      expect(index.transaction(layout.id(position))).toEqual([location]);
      for (const account of position === 0 ? [0, 1] : [1, 0, 2]) {
        accounts.set(account, [location, ...(accounts.get(account) ?? [])]);
      }
    }
    layout.blocks.forEach(({ block: { header } }, i) => {
      expect(index.height(header.lane, header.height)).toBe(locationOf(number, i));
      expect(index.hash(layout.hash(node.network, i))).toEqual([locationOf(number, i)]);
    });
    expect(index.hash(roundHash(node.network, layout.record.header))).toEqual([
      locationOf(number, ROUND_ITSELF),
    ]);
  }
  for (const [account, locations] of accounts) {
    expect(index.account(account, Number.MAX_SAFE_INTEGER, 10_000)).toEqual(locations);
    const middle = locations[Math.floor(locations.length / 2)]!;
    expect(index.account(account, middle, 3)).toEqual(locations.filter((l) => l < middle).slice(0, 3));
  }
}

describe('the history index', () => {
  it('says what the rounds say: in memory, on disk, merged, and after a restart', async () => {
    const node = new TestNode();
    const store = openMemoryStore();
    feed(node, 40);
    const index = await started(node, store);
    check(node, index);
    await index.close();
    expect(index.status).toMatchObject({ state: 'current', round: 40, transactions: 80 });
    expect(index.status.segments).toBeGreaterThan(0);
    expect(index.status.segments).toBeLessThan(10);

    const again = await started(node, store);
    expect(again.status.transactions).toBe(0);
    check(node, again);
    const stop = node.onRound((record) => again.offer(new RoundLayout(record)));
    feed(node, 30);
    expect(again.status.state).toBe('behind');
    await again.caughtUp();
    stop();
    expect(again.status.transactions).toBe(60);
    check(node, again);
    await again.close();
  });

  it('lists the blocks that hold what a device signed: certificates, failed attempts, what transactions showed', async () => {
    const node = new TestNode();
    const paying = () => node.t.transaction('alice', [transferOp(1, 1)]);
    const answers = (...devices: number[]) => devices.map((device) => attestation(device));
    const failed = { attempt: 0, attestations: answers(2), misses: [], thresholdMisses: [] };
    node.apply([node.t.block(0, [paying()], { certificate: { attestations: answers(3, 5) } })]);
    node.apply([
      node.t.block(0, [paying()]),
      node.t.block(1, [paying()], { certificate: { attestations: answers(3), incoherent: [failed] } }),
    ]);
    // One that takes effect and shows device 3's lie; one that is refused and shows device 5's answer.
    const refused = {
      type: 'leftOutAnswer' as const,
      header: new Uint8Array(100),
      attestation: signedAttestation(node.t, { device: 5 }),
    };
    node.send(
      0,
      node.t.transaction('alice', [transferOp(1, 1), lieOp(node.t)]),
      node.t.transaction('bob', [refused]),
    );
    const index = await started(node, openMemoryStore());
    const all = (device: number) => index.device(device, Number.MAX_SAFE_INTEGER, 10);
    const places = new RoundLayout(node.history.round(2)!).blocks.findIndex(
      ({ block }) => block.header.lane === 1,
    );
    expect(all(3)).toEqual([locationOf(3, 0), locationOf(2, places), locationOf(1, 0)]);
    expect(all(5)).toEqual([locationOf(1, 0)]);
    expect(all(2)).toEqual([locationOf(2, places)]);
    expect(all(9)).toEqual([]);
    expect(index.device(3, locationOf(2, places), 1)).toEqual([locationOf(1, 0)]);
    await index.close();
  });

  it('a copy that was refused before its sequence was used is found by id, and enters no history', async () => {
    const node = new TestNode();
    const signed = node.t.transaction('alice', [transferOp(1, 1)]);
    node.apply([node.t.block(0, [signed], { invalid: [0] })]);
    node.send(1, signed);
    node.send(2, signed);
    const index = await started(node, openMemoryStore());
    expect(index.transaction(signed.id)).toEqual([locationOf(3, 0), locationOf(2, 0), locationOf(1, 0)]);
    for (const account of [0, 1]) {
      expect(index.account(account, Number.MAX_SAFE_INTEGER, 10)).toEqual([locationOf(2, 0)]);
    }
    await index.close();
  });

  it('a crash at any commit loses nothing: the rest is read from the rounds again', async () => {
    const node = new TestNode();
    feed(node, 30);
    for (let survive = 0; survive < 12; survive++) {
      const store = openMemoryStore();
      let left = survive;
      const dying: Store = {
        ...store,
        commit: async (writes) =>
          left-- > 0
            ? store.commit(writes)
            : { ok: false, error: { code: 'store-io', message: 'the disk is gone' } },
      };
      const crashed = new HistoryIndex(dying, node, SMALL);
      await crashed.start();
      await crashed.caughtUp();
      await crashed.close();
      const index = await started(node, store);
      check(node, index);
      await index.close();
    }
  });

  it('stops at a disk that fails, says so, and goes on answering', async () => {
    const node = new TestNode();
    feed(node, 30);
    const store = openMemoryStore({ limitBytes: 100 });
    const index = await started(node, store);
    expect(index.status).toMatchObject({ state: 'failed', fault: 'store-full' });
    expect(index.transaction(new RoundLayout(node.history.round(1)!).id(0))).toEqual([locationOf(1, 0)]);
    await index.close();
  });

  it('a page that is gone makes it build itself anew', async () => {
    const node = new TestNode();
    const store = openMemoryStore();
    feed(node, 30);
    await (await started(node, store)).close();
    const [key] = [...store.range(PAGE_TABLE, { limit: 1 })][0]!;
    await store.commit([{ table: PAGE_TABLE, key, value: undefined }]);
    const index = new HistoryIndex(store, node, SMALL);
    await index.start();
    index.transaction(new RoundLayout(node.history.round(1)!).id(0));
    expect(index.status.state).toBe('behind');
    await index.caughtUp();
    check(node, index);
    await index.close();
  });

  it('drops an index of another network or of rounds that never were', async () => {
    const store = openMemoryStore();
    const old = new TestNode();
    feed(old, 30);
    await (await started(old, store)).close();
    const young = new TestNode();
    feed(young, 2);
    const index = await started(young, store);
    check(young, index);
    expect(index.account(0, Number.MAX_SAFE_INTEGER, 100)).toHaveLength(4);
    await index.close();
    const other = new TestNode({ genesis: { testnet: 0 } });
    feed(other, 3);
    const foreign = await started(other, store);
    check(other, foreign);
    expect([...store.range(PAGE_TABLE, {})]).toEqual([]);
    await foreign.close();
  });

  it('says nothing of rounds that were pruned, lets their segments go, and begins anew with the first that is kept', async () => {
    const node = new TestNode();
    const store = openMemoryStore();
    feed(node, 60);
    const index = await started(node, store);
    const segments = index.status.segments;
    expect(index.account(0, Number.MAX_SAFE_INTEGER, 1_000)).toHaveLength(120);
    node.pruneBelow(51);
    const known = (from: HistoryIndex) => from.account(0, Number.MAX_SAFE_INTEGER, 1_000).map(roundOf);
    const kept = (to: number) => Array.from({ length: 2 * (to - 50) }, (_, i) => to - Math.floor(i / 2));
    expect(known(index)).toEqual(kept(60));
    expect(index.height(0, 1)).toBeUndefined();
    const heard = node.onRound((record) => index.offer(new RoundLayout(record)));
    feed(node, 30);
    heard();
    await index.caughtUp();
    expect(known(index)).toEqual(kept(90));
    await index.close();
    const again = await started(node, store);
    expect(again.status.segments).toBeLessThan(segments + 8);
    expect(known(again)).toEqual(kept(90));
    await again.close();
    const anew = await started(node, openMemoryStore());
    expect(anew.status).toMatchObject({ first: 51, transactions: 80 });
    expect(known(anew)).toEqual(kept(90));
    await anew.close();
  });

  it('skips rounds that are no longer kept', async () => {
    const node = new TestNode();
    feed(node, 10);
    const id = new RoundLayout(node.history.round(10)!).id(1);
    node.pruneBelow(6);
    const index = await started(node, openMemoryStore());
    expect(index.status).toMatchObject({ state: 'current', transactions: 10 });
    expect(index.transaction(id)).toEqual([locationOf(10, 1)]);
    await index.close();
  });
});
