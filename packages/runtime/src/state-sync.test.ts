import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joiningWrite } from '@iotw/adapters/cometbft/position';
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import type { Store } from '@iotw/kernel/ports/store';
import { ok } from '@iotw/kernel/result';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { keys, TestNetwork } from '@iotw/ledger/test-network';
import { snapshotWrites } from '@iotw/nodes/ledger-server/restore';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { joinIfEmpty, openSnapshots, type SnapshotMaker, type SyncOptions } from './state-sync.js';

const SPAN_MS = 25_000;
const EPOCH_MS = 10_000;

let t: TestNetwork;
let store: Store;
let folder: string;
let said: unknown[];
let options: SyncOptions;

beforeEach(() => {
  t = new TestNetwork({ parameters: { epochMs: EPOCH_MS } });
  store = openMemoryStore();
  folder = mkdtempSync(join(tmpdir(), 'iotw-sync-'));
  said = [];
  options = {
    genesis: t.genesis,
    store,
    cometbft: {
      home: join(folder, 'home'),
      file: join(folder, 'no-cometbft'),
      linkSeed: new Uint8Array(32),
      listen: { host: '127.0.0.1', port: 1 },
      peers: [],
      snapshots: { folder: join(folder, 'snapshots'), keep: 2, everyMs: SPAN_MS },
      stateSync: { trustHeight: 1, trustHash: '00'.repeat(32), rpcServers: ['http://a:1', 'http://b:1'] },
    },
    log: (_, { code }) => said.push(code),
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Ends an epoch, and makes its state the stored one. */
async function edge(): Promise<RoundOutcome> {
  const outcome = t.endEpoch();
  expect(await store.commit(snapshotWrites(t.ledger))).toEqual(ok(undefined));
  return outcome;
}

describe('snapshots of a ledger server', () => {
  let maker: SnapshotMaker;
  beforeEach(async () => {
    const opened = await openSnapshots(options);
    if (!opened.ok || opened.value === undefined) throw new Error('no maker');
    maker = opened.value;
  });
  const heights = (): number[] => maker.files.list().map(({ height }) => height);

  it('are made of the first epoch that ends in a span of agreed time, whoever makes them', async () => {
    const made: number[] = [];
    for (let height = 1; height <= 6; height++) {
      const outcome = await edge();
      maker.edge(height, outcome);
      await maker.stop();
      const span = Math.floor(outcome.header.timeMs / SPAN_MS);
      if (span !== made.at(-1)) made.push(span);
      expect(maker.files.newestMs).toBeGreaterThanOrEqual(span * SPAN_MS);
      expect(heights().length).toBe(Math.min(2, made.length));
    }
    expect(made.length).toBeLessThan(6);
    expect(said).toEqual([]);
  });

  it('are made one at a time, of epochs that ended', async () => {
    const first = await edge();
    maker.edge(1, first);
    maker.edge(2, first);
    await maker.stop();
    const { edge: _, ...noEdge } = first;
    maker.edge(3, { ...noEdge, header: { ...first.header, timeMs: first.header.timeMs + SPAN_MS } });
    await maker.stop();
    expect(heights()).toEqual([1]);
  });

  it('say where there is no state to make one of', () => {
    maker.edge(1, t.endEpoch());
    expect(said).toEqual(['state-sync-moved']);
  });
});

describe('a ledger server joins', () => {
  const own = { index: 0, keys: keys('ledger0') };
  const code = async (more: Partial<SyncOptions> = {}): Promise<string> => {
    const joined = await joinIfEmpty({ ...options, ...more }, own);
    return joined.ok ? 'ok' : joined.error.code;
  };

  it('where it has no ledger and trusts a block; it says what it lacks for that', async () => {
    expect(await code()).toBe('cometbft-missing');
    expect(await code({ cometbft: { ...options.cometbft!, stateSync: undefined } })).toBe('ok');
    expect(await code({ cometbft: undefined })).toBe('ok');
  });

  it('not where it has a ledger, but again where CometBFT may not have taken the state yet', async () => {
    await edge();
    expect(await code()).toBe('ok');
    await store.commit([joiningWrite(true)]);
    expect(await code()).toBe('cometbft-missing');
    await store.commit([joiningWrite(false)]);
    expect(await code()).toBe('ok');
  });

  it('not with the store of another network', async () => {
    await code();
    const genesis = new TestNetwork({ genesis: { rewardPool: 5 } }).genesis;
    expect(await code({ genesis })).toBe('store-network');
  });
});
