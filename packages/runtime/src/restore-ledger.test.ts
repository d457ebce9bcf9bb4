import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { equalBytes, utf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { keys, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { BODY_TABLE } from '@iotw/nodes/body-record';
import { STATE_TABLE, sheetKey } from '@iotw/nodes/ledger-server/restore';
import {
  ROUND_TABLE,
  type RoundRecord,
  roundKey,
  roundWrites,
  storedRound,
} from '@iotw/nodes/ledger-server/round-record';
import { beforeAll, describe, expect, it } from 'vitest';
import { NodeProcess } from './node-process.js';
import { restoreLedger } from './restore-ledger.js';
import { writesOf } from './test-disk.js';

const ledgerServers = testGenesis().ledgerServers.slice(0, 1);
/** Without devices the trust nodes complete every block alone. */
const t = new TestNetwork({
  genesis: { timeMs: Date.now(), ledgerServers, devices: [] },
  parameters: { epochMs: 600_000 },
});
/** Its epoch is over when the test says so, however long this machine takes for what comes before and behind. */
let aheadMs = 0;
const clock = { nowMs: () => Date.now() + aheadMs };
const TABLES = ['meta', STATE_TABLE, ROUND_TABLE, BODY_TABLE] as const;

/** What a real node left on its disk, and where its ledger stood. */
const disk: Write[] = [];
let stood: { readonly round: number; readonly stateHash: Uint8Array; readonly bob: number };
let snapshotRound = 0;

beforeAll(async () => {
  const store = openMemoryStore();
  const opened = await NodeProcess.open({
    genesis: t.genesis,
    store,
    verifier: inlineVerifier(t.network),
    clock,
    trust: [0, 1, 2].map((index) => ({
      index,
      keys: keys(`trust${index}`),
      accountKeys: keys(`operator${index}`),
    })),
    ledger: { index: 0, keys: keys('ledger0'), vrfKeys: vrfKeyPairFromSeed(sha256(utf8('vrf0'))) },
    onHalt: ({ code }) => {
      throw new Error(code);
    },
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const node = opened.value;
  await node.start();
  const pay = async () => {
    const { envelope } = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
    const run = { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) };
    const outcome = await node.submit(run, 'final');
    if (!outcome.ok || outcome.value.codes[0] !== 0) throw new Error('not final');
  };
  await pay();
  aheadMs = t.genesis.parameters.epochMs;
  while (node.ledger.epoch === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  snapshotRound = node.ledger.round;
  for (let i = 0; i < 4; i++) await pay();
  await node.stop();
  const { ledger } = node;
  stood = {
    round: ledger.round,
    stateHash: ledger.stateHash,
    bob: ledger.accounts.balance(t.account('bob')),
  };
  disk.push(...writesOf(store, TABLES));
});

/** The disk after `change` of its entries (undefined: gone). */
async function diskWith(
  change: (write: Write) => Uint8Array | undefined = ({ value }) => value,
): Promise<Store> {
  const store = openMemoryStore();
  const writes = disk.flatMap((write) => {
    const value = change(write);
    return value === undefined ? [] : [{ ...write, value }];
  });
  const committed = await store.commit(writes);
  if (!committed.ok) throw new Error(committed.error.message);
  return store;
}

const isRound = (write: Write, number: number) =>
  write.table === ROUND_TABLE && Buffer.compare(write.key, roundKey(number)) === 0;
const restore = (store: Store, genesis = t.genesis) => restoreLedger(store, genesis, {});

async function refusal(change: (write: Write) => Uint8Array | undefined): Promise<string> {
  const restored = await restore(await diskWith(change));
  return restored.ok ? 'ok' : restored.error.code;
}

describe('a ledger from disk', () => {
  it('is what it was: snapshot and the rounds above it', async () => {
    const restored = await restore(await diskWith());
    if (!restored.ok) throw new Error(restored.error.message);
    const { ledger, replayed } = restored.value;
    expect(replayed).toBeGreaterThanOrEqual(4);
    expect(ledger.round).toBe(stood.round);
    expect(ledger.stateHash).toEqual(stood.stateHash);
    expect(ledger.accounts.balance(t.account('bob'))).toBe(stood.bob);
  });

  it('is the same without the snapshot, from the genesis', async () => {
    const restored = await restore(await diskWith((w) => (w.table === STATE_TABLE ? undefined : w.value)));
    if (!restored.ok) throw new Error(restored.error.message);
    expect(restored.value.snapshotRound).toBe(0);
    expect(restored.value.ledger.stateHash).toEqual(stood.stateHash);
  });

  it('ends with the last whole round where the last write was lost', async () => {
    const restored = await restore(await diskWith((w) => (isRound(w, stood.round) ? undefined : w.value)));
    expect(restored.ok && restored.value.ledger.round).toBe(stood.round - 1);
  });

  it('is refused with a round missing in between', async () => {
    expect(await refusal((w) => (isRound(w, stood.round - 1) ? undefined : w.value))).toBe('replay-round');
  });

  it('is refused with a round in another’s place', async () => {
    const other = disk.find((write) => isRound(write, stood.round))!.value;
    expect(await refusal((w) => (isRound(w, stood.round - 1) ? other : w.value))).toBe('replay-round');
  });

  it.each<[what: string, code: string, change: (record: RoundRecord) => RoundRecord]>([
    [
      'a signature that counts as bad now',
      'replay-mismatch',
      (record) => ({ ...record, valid: record.valid.map(() => 0) }),
    ],
    [
      'another agreed time',
      'replay-mismatch',
      (record) => ({ ...record, input: { ...record.input, timeMs: record.input.timeMs + 1 } }),
    ],
    [
      'other transaction ids',
      'replay-round',
      (record) => ({ ...record, ids: record.ids.map((byte) => byte ^ 1) }),
    ],
  ])('is refused with %s in a round: %s', async (_what, code, change) => {
    const store = await diskWith();
    await store.commit(roundWrites(change(storedRound(store, stood.round)!)));
    const restored = await restore(store);
    expect(restored.ok ? 'ok' : restored.error.code).toBe(code);
  });

  it('is refused with the bodies of its blocks gone', async () => {
    expect(await refusal((w) => (w.table === BODY_TABLE ? undefined : w.value))).toBe('replay-round');
  });

  it('has each body once on its disk, wherever it is needed', () => {
    const bodies = disk.filter(({ table }) => table === BODY_TABLE);
    const rounds = disk.filter(({ table }) => table === ROUND_TABLE);
    const payments = rounds.length - 1;
    expect(bodies.length).toBeGreaterThanOrEqual(5);
    expect(bodies.length).toBeLessThanOrEqual(payments + 1);
    for (const { value: body } of bodies)
      for (const { value: round } of rounds)
        expect(Buffer.from(round!).includes(Buffer.from(body!))).toBe(false);
  });

  it('is refused with a page of the snapshot missing', async () => {
    const accounts = (w: Write) => w.table === STATE_TABLE && equalBytes(w.key, sheetKey('accounts', 0));
    expect(await refusal((w) => (accounts(w) ? undefined : w.value))).toBe('snapshot-missing');
    expect(snapshotRound).toBeGreaterThan(0);
  });

  it('is not opened under another genesis, and stays as it was', async () => {
    const store = await diskWith();
    const other = { ...t.genesis, rewardPool: t.genesis.rewardPool + 1 };
    const refused = await restore(store, other);
    expect(refused.ok ? 'ok' : refused.error.code).toMatch(/^(store|snapshot)-network$/);
    expect((await restore(store)).ok).toBe(true);
    const fresh = openMemoryStore();
    expect((await restore(fresh)).ok).toBe(true);
    const foreign = await restore(fresh, other);
    expect(foreign.ok ? 'ok' : foreign.error.code).toBe('store-network');
  });
});
