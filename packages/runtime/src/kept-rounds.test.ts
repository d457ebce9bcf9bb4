/** What leaves a ledger server's disk, and what stays. */
import { parseFailpoints } from '@iotw/adapters/failpoints/failpoints';
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { BODY_TABLE } from '@iotw/nodes/body-record';
import { POOL_TABLE, SETTLEMENT_TABLE } from '@iotw/nodes/ledger-server/epoch-records';
import { firstToKeep, prunedSlice } from '@iotw/nodes/ledger-server/prune';
import {
  ROUND_TABLE,
  type RoundRecord,
  roundErases,
  roundWrites,
  storedHeader,
  storedRound,
  storedRounds,
} from '@iotw/nodes/ledger-server/round-record';
import fc from 'fast-check';
import { assert, beforeAll, describe, expect, it } from 'vitest';
import { KeptRounds } from './kept-rounds.js';
import type { NodeProcess } from './node-process.js';
import { restoreLedger } from './restore-ledger.js';
import { writesOf } from './test-disk.js';
import { startTrioNode } from './test-trio-node.js';

const EPOCH_MS = 600_000;
const t = new TestNetwork({
  genesis: { timeMs: Date.now(), ledgerServers: testGenesis().ledgerServers.slice(0, 1), devices: [] },
  parameters: { epochMs: EPOCH_MS },
});
let aheadMs = 0;
const clock = { nowMs: () => Date.now() + aheadMs };

const start = (store: Store, keepMs?: number) => startTrioNode(t, store, clock.nowMs, keepMs);

async function pay(node: NodeProcess): Promise<void> {
  const { envelope } = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
  const outcome = await node.submit(
    { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) },
    'final',
  );
  assert(outcome.ok && outcome.value.codes[0] === 0);
}

/** An epoch ends, after some payments. */
async function epoch(node: NodeProcess): Promise<void> {
  for (let i = 0; i < 3; i++) await pay(node);
  const { epoch: before } = node.ledger;
  aheadMs += EPOCH_MS;
  while (node.ledger.epoch === before) await new Promise((resolve) => setTimeout(resolve, 5));
}

const TABLES = ['meta', 'state-sheets', 'state-roots', POOL_TABLE, SETTLEMENT_TABLE, ROUND_TABLE, BODY_TABLE];
const disk: Write[] = [];
/** Numbers of the rounds that opened epochs 1 to 5, and what was when the last round was durable. */
const opened: number[] = [];
let last: { readonly round: number; readonly timeMs: number; readonly stateHash: Uint8Array };

beforeAll(async () => {
  const store = openMemoryStore();
  const node = await start(store);
  for (let i = 0; i < 5; i++) {
    await epoch(node);
    opened.push(node.ledger.round);
  }
  await pay(node);
  await node.stop();
  const { round, timeMs, stateHash } = node.ledger;
  last = { round, timeMs, stateHash };
  // A round after an edge may have come before it was looked at.
  for (const [i, from] of opened.entries()) {
    let number = from;
    while (storedHeader(store, number - 1)?.epoch === i + 1) number--;
    opened[i] = number;
  }
  disk.push(...writesOf(store, TABLES));
}, 60_000);

async function copy(): Promise<Store> {
  const store = openMemoryStore();
  assert((await store.commit(disk)).ok);
  return store;
}

const numbers = (store: Store): number[] => [...storedRounds(store)].map(({ header }) => header.number);
const count = (store: Store, table: string): number => [...store.range(table, {})].length;
const bodiesOf = (records: readonly RoundRecord[]): number =>
  records.reduce((sum, { order }) => sum + order.length / 2, 0);

describe('the first round that is kept', () => {
  it('opened the oldest epoch with a round within the horizon', async () => {
    const store = await copy();
    for (const [i, first] of opened.entries()) {
      const { timeMs } = storedHeader(store, first)!;
      // Its opening is the first round of its agreed time; the rounds of a quick machine may share that.
      expect(firstToKeep(store, 1, last.round, timeMs + 1)).toBeGreaterThanOrEqual(first);
      expect(firstToKeep(store, 1, last.round, timeMs)).toBeLessThanOrEqual(first);
      expect(firstToKeep(store, 1, last.round, timeMs - EPOCH_MS / 2)).toBe(first);
      expect(i).toBeLessThan(5);
    }
  });

  it('is never above the state on disk, however short the horizon', async () => {
    const store = await copy();
    expect(firstToKeep(store, 1, last.round, Number.MAX_SAFE_INTEGER)).toBe(opened[4]);
    expect(firstToKeep(store, 1, last.round, 0)).toBe(1);
  });
});

describe('slices', () => {
  it('leave every kept round readable, nothing of the others, and the same ledger, wherever they are broken off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 6 * EPOCH_MS }),
        fc.nat({ max: 10 }),
        fc.nat({ max: 3 }),
        async (backMs, most, stop) => {
          const store = await copy();
          const all = new Map([...storedRounds(store)].map((record) => [record.header.number, record]));
          const below = firstToKeep(store, 1, last.round, last.timeMs - backMs);
          for (let slice = 0; slice < stop; slice++) {
            const { rounds, writes } = prunedSlice(store, Math.min(below, 1 + slice + most));
            assert((await store.commit(writes)).ok);
            if (rounds.length === 0) break;
          }
          const kept = numbers(store);
          expect(kept).toEqual(Array.from(kept, (_, i) => kept[0]! + i));
          expect(kept[0]).toBeLessThanOrEqual(below);
          expect(kept.at(-1)).toBe(last.round);
          const records = [...storedRounds(store)];
          for (const record of records) expect(record).toEqual(all.get(record.header.number));
          expect(count(store, BODY_TABLE)).toBe(bodiesOf(records));
          const oldest = Math.max(0, records[0]!.header.epoch - 1);
          expect(count(store, POOL_TABLE)).toBe(5 - oldest + 1);
          expect(count(store, SETTLEMENT_TABLE)).toBe(5 - oldest);
          expect(count(store, 'state-roots')).toBe(5);
          const restored = await restoreLedger(store, t.genesis, {});
          assert(restored.ok);
          expect(toHex(restored.value.ledger.stateHash)).toBe(toHex(last.stateHash));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('take a body with the round that applied its block, not with one that skipped it', async () => {
    const store = await copy();
    const first = storedRound(store, 1)!;
    const second = storedRound(store, 2)!;
    // The second round names the first one's block once more and skips it.
    const blocks = [...first.input.blocks, ...second.input.blocks];
    const order = Uint8Array.from({ length: 2 * second.input.blocks.length }, (_, i) =>
      i % 2 === 0 ? first.input.blocks.length + i / 2 : 0,
    );
    const doubled = { ...second, input: { ...second.input, blocks }, order };
    assert((await store.commit(roundWrites(doubled))).ok);
    const { value } = [...store.range(ROUND_TABLE, { limit: 1 })].map(([, value]) => ({ value }))[0]!;
    assert((await store.commit(roundErases(value))).ok);
    expect(storedRound(store, 2)).toEqual(doubled);
  });
});

describe('a server with a horizon', () => {
  it('lets the oldest epochs go after each edge and after a start, and its ledger is as without', async () => {
    const store = await copy();
    const archive = await start(await copy());
    const node = await start(store, 2 * EPOCH_MS);
    expect(archive.kept).toMatchObject({ first: 1, left: 0 });
    await waitFor(() => node.kept.left === 0);
    const afterStart = node.kept.first;
    expect(opened).toContain(afterStart);
    await epoch(node);
    await waitFor(() => node.kept.left === 0 && node.kept.first > afterStart);
    expect(node.history.round(node.kept.first - 1)).toBeUndefined();
    expect(node.history.round(node.kept.first)).toBeDefined();
    const { stateHash } = node.ledger;
    await node.stop();
    await archive.stop();
    const again = await start(store, 2 * EPOCH_MS);
    expect(toHex(again.ledger.stateHash)).toBe(toHex(stateHash));
    await pay(again);
    await again.stop();
  });

  it('has one slice under way at a time, and stays behind the failpoints that its kill is played at', async () => {
    const store = await copy();
    const passed: string[] = [];
    const parsed = parseFailpoints('runtime-prune=exit@2', () => {
      throw new Error('killed');
    });
    assert(parsed.ok);
    const pending: (() => void)[] = [];
    const kept = new KeptRounds({
      store,
      commits: {
        add: (writes, done) => {
          passed.push(`${writes.length > 0}`);
          pending.push(() => void store.commit(writes).then(done));
        },
      },
      last: last.round,
      saved: last.round,
      timeMs: last.timeMs,
      keepMs: 1,
      more: (round) => ({ table: 'engine', key: utf8(`${round}`), value: undefined }),
      failpoints: parsed.value,
    });
    expect(kept.first).toBe(1);
    expect(kept.left).toBe(opened[4]! - 1);
    kept.tick(0);
    kept.tick(1_000);
    expect(passed).toEqual(['true']);
    pending[0]!();
    await waitFor(() => kept.left === 0);
    expect(kept.first).toBe(opened[4]);
    // Nothing is left to go: the second pass of the failpoint never comes.
    kept.tick(2_000);
    kept.ended(last.round, last.timeMs);
    kept.tick(3_000);
    expect(passed).toEqual(['true']);
  });
});

async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
