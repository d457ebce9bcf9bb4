/** A node whose state is large and whose rounds are few saves it at some edges only: what its disk holds then. */
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { sha256 } from '@iotw/kernel/sha256';
import { Ledger } from '@iotw/ledger/ledger';
import { edgeStateHash } from '@iotw/ledger/state-hash';
import { PAGE_ROWS } from '@iotw/ledger/tables/table';
import { keys, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { storedStateBefore } from '@iotw/nodes/ledger-server/epoch-records';
import { pageReader } from '@iotw/nodes/ledger-server/restore';
import { storedHeader, storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { afterEach, assert, beforeAll, expect, it } from 'vitest';
import type { NodeProcess } from './node-process.js';
import { restoreLedger } from './restore-ledger.js';
import { writesOf } from './test-disk.js';
import { startTrioNode } from './test-trio-node.js';

const EPOCH_MS = 600_000;
/** More than a mebibyte of pages; an account of each page is paid in every epoch. */
const ACCOUNTS = 18_000;
const t = new TestNetwork({
  genesis: {
    timeMs: Date.now(),
    ledgerServers: testGenesis().ledgerServers.slice(0, 1),
    devices: [],
    accounts: [
      { key: keys('alice').publicKey, amount: 1_000_000_000 },
      ...Array.from({ length: ACCOUNTS }, (_, i) => ({ key: sha256(utf8(`account ${i}`)), amount: 1 })),
    ],
  },
  parameters: { epochMs: EPOCH_MS },
});
let aheadMs = 0;
const nowMs = () => Date.now() + aheadMs;
/** Where the clock stood when the disk was left. */
let leftMs = 0;
let running: NodeProcess | undefined;
afterEach(stop);

async function start(store: Store, keepMs?: number): Promise<NodeProcess> {
  running = await startTrioNode(t, store, nowMs, keepMs);
  return running;
}

async function stop(): Promise<void> {
  await running?.stop();
  running = undefined;
}

/** Pays an account of every page. */
async function pay(node: NodeProcess): Promise<void> {
  const pages = Math.floor(ACCOUNTS / PAGE_ROWS);
  const operations = Array.from({ length: pages }, (_, page) => transferOp(PAGE_ROWS * (page + 1), 1));
  const { envelope } = t.transaction('alice', operations);
  const run = { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) };
  const outcome = await node.submit(run, 'final');
  assert(outcome.ok && outcome.value.codes[0] === 0);
}

/** An epoch with a payment ends. */
async function epoch(node: NodeProcess): Promise<void> {
  await pay(node);
  const { epoch: before } = node.ledger;
  aheadMs += EPOCH_MS;
  while (node.ledger.epoch === before) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The state on disk. */
function saved(store: Store): Ledger {
  const loaded = Ledger.load(pageReader(store), t.genesis);
  assert(loaded.ok);
  return loaded.value;
}

const hashOf = ({ stateHash }: Ledger) => toHex(stateHash);

/** What a node left on its disk after four epochs, and its state then. */
const disk: Write[] = [];
let stood: string;

async function copy(): Promise<Store> {
  aheadMs = leftMs;
  const store = openMemoryStore();
  assert((await store.commit(disk)).ok);
  return store;
}

beforeAll(async () => {
  const store = openMemoryStore();
  const node = await start(store);
  for (let i = 0; i < 4; i++) await epoch(node);
  await pay(node);
  stood = hashOf(node.ledger);
  leftMs = aheadMs;
  await stop();
  const tables = [
    'meta',
    'state-sheets',
    'state-before',
    'state-roots',
    'pools',
    'settlements',
    'rounds',
    'bodies',
  ];
  disk.push(...writesOf(store, tables));
}, 60_000);

it('has a whole state of the first edge, and what shows that it is that one', async () => {
  const store = await copy();
  const ledger = saved(store);
  expect(ledger.epoch).toBe(1);
  const header = storedHeader(store, ledger.round)!;
  expect(hashOf(ledger)).toBe(toHex(header.stateHash));
  const before = storedStateBefore(store)!;
  expect(edgeStateHash(t.network, before, ledger.stateRoot())).toEqual(header.stateHash);
});

it('is restored through the edges that were not saved', async () => {
  const store = await copy();
  const restored = await restoreLedger(store, t.genesis, {});
  assert(restored.ok);
  const { ledger, snapshotRound, replayed } = restored.value;
  expect([ledger.epoch, hashOf(ledger)]).toEqual([4, stood]);
  expect(snapshotRound).toBe(saved(store).round);
  expect(replayed).toBeGreaterThanOrEqual(7);
});

it('saves at the first edge after a start, and at the eighth behind that at the latest', async () => {
  const store = await copy();
  const node = await start(store);
  const epochs: number[] = [];
  for (let i = 0; i < 10; i++) {
    await epoch(node);
    await pay(node);
    epochs.push(saved(store).epoch);
  }
  expect(epochs).toEqual([5, 5, 5, 5, 5, 5, 5, 5, 13, 13]);
}, 60_000);

it('lets no round go that its state needs, however short the horizon', async () => {
  const store = await copy();
  const node = await start(store, 1);
  const first = (): number => [...storedRounds(store)][0]!.header.number;
  while (node.kept.left > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await pay(node);
  expect(first()).toBe(saved(store).round);
  await epoch(node);
  await epoch(node);
  while (node.kept.left > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await pay(node);
  expect([saved(store).epoch, node.ledger.epoch]).toEqual([5, 6]);
  expect(first()).toBe(saved(store).round);
  const stands = hashOf(node.ledger);
  await stop();
  const restored = await restoreLedger(store, t.genesis, {});
  assert(restored.ok);
  expect(hashOf(restored.value.ledger)).toBe(stands);
}, 60_000);
