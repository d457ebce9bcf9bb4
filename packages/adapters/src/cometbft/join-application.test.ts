import type { Write } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import { StateShape } from '@iotw/ledger/state-shape';
import { TestNetwork } from '@iotw/ledger/test-network';
import { pageReader, snapshotWrites } from '@iotw/nodes/ledger-server/restore';
import { offerOf, type SnapshotMetadata, type SnapshotOffer } from '@iotw/nodes/state-sync/snapshot';
import { chunksOf } from '@iotw/nodes/state-sync/snapshot-chunks';
import { SnapshotReceiver } from '@iotw/nodes/state-sync/snapshot-receiver';
import {
  ResponseApplySnapshotChunk_Result as ChunkResult,
  ResponseOfferSnapshot_Result as OfferResult,
  RequestInfo,
} from 'cosmjs-types/tendermint/abci/types';
import { beforeEach, describe, expect, it } from 'vitest';
import { JoinApplication } from './join-application.js';
import { heightWrite } from './position.js';

const HEIGHT = 40;
const t = new TestNetwork();
const outcome = t.endEpoch();
const shape = new StateShape(t.genesis);
const sheets = new Map(
  snapshotWrites(t.ledger).map(({ key, value }) => [Buffer.from(key).toString('hex'), value]),
);
const state = chunksOf(shape, pageReader({ get: (_, key) => sheets.get(Buffer.from(key).toString('hex')) }));
if (!state.ok) throw new Error(state.error.code);
const chunk = Buffer.concat(
  [...state.value.parts].map((part) => (part.ok ? part.value.rows : new Uint8Array(0))),
);
const metadata: SnapshotMetadata = {
  network: shape.network,
  header: outcome.header,
  stateBefore: outcome.edge!.stateBefore,
  rows: [...state.value.rows],
  chunks: sha256(chunk),
};
const good = offerOf(HEIGHT, metadata);
const poison = Uint8Array.from(chunk, (byte, i) => (i === 9 ? byte ^ 1 : byte));

let stored: Write[];
let answer: Result<void>;
let events: string[];
let application: JoinApplication;

beforeEach(() => {
  stored = [];
  events = [];
  answer = ok(undefined);
  application = new JoinApplication({
    receiver: new SnapshotReceiver(shape),
    store: async (writes) => {
      if (answer.ok) stored.push(...writes);
      return answer;
    },
    onStored: (round, height) => events.push(`stored ${round} ${height}`),
    onFollowed: () => events.push('followed'),
    onFault: ({ code }) => events.push(code),
  });
});

const offer = async (one: SnapshotOffer, appHash = outcome.hash) => {
  const answered = await application.offerSnapshot({
    snapshot: { ...one, height: BigInt(one.height) },
    appHash,
  });
  return answered.ok && answered.value.result;
};
const apply = async (index: number, bytes: Uint8Array) => {
  const answered = await application.applySnapshotChunk({ index, chunk: bytes, sender: 'peer' });
  return answered.ok ? answered.value : answered.error.code;
};
const told = async () => {
  const answered = await application.info(RequestInfo.fromPartial({ version: '0.38.26' }));
  if (!answered.ok) throw new Error(answered.error.code);
  return { height: Number(answered.value.lastBlockHeight), hash: answered.value.lastBlockAppHash };
};

describe('a server that joins by state sync, call by call', () => {
  it('stores the state with its height once all of it is there, then says where it stands', async () => {
    expect(await told()).toEqual({ height: 0, hash: new Uint8Array(0) });
    expect(await offer(good)).toBe(OfferResult.ACCEPT);
    expect(stored).toEqual([]);
    expect(await apply(0, chunk)).toMatchObject({ result: ChunkResult.ACCEPT });
    expect(stored.at(-1)).toEqual(heightWrite(HEIGHT));
    expect(await told()).toEqual({ height: HEIGHT, hash: outcome.hash });
    expect(events).toEqual([`stored ${outcome.header.number} ${HEIGHT}`]);
    void application.finalizeBlock();
    expect(events.at(-1)).toBe('followed');
  });

  it.each<[string, OfferResult, SnapshotOffer, Uint8Array?]>([
    ['another form', OfferResult.REJECT_FORMAT, { ...good, format: 9 }],
    ['metadata that its hash does not name', OfferResult.REJECT_SENDER, { ...good, hash: shape.network }],
    ['another network', OfferResult.REJECT_SENDER, offerOf(HEIGHT, { ...metadata, network: outcome.hash })],
    ['a wrong number of chunks', OfferResult.REJECT_SENDER, { ...good, chunks: 3 }],
    ['another round than the verified one', OfferResult.REJECT, good, shape.network],
    [
      'more than can be handed over',
      OfferResult.REJECT,
      offerOf(HEIGHT, { ...metadata, rows: metadata.rows.map(() => 2 ** 32 - 1) }),
    ],
  ])('refuses an offer of %s', async (_, result, one, appHash) => {
    expect(await offer(one, appHash)).toBe(result);
    expect(events.length).toBe(1);
    expect(await apply(0, chunk)).toMatchObject({ result: ChunkResult.REJECT_SNAPSHOT });
    expect(stored).toEqual([]);
  });

  it('has a poisoned chunk fetched from another, and stores nothing of it', async () => {
    await offer(good);
    const refused = { result: ChunkResult.RETRY, refetchChunks: [0], rejectSenders: ['peer'] };
    expect(await apply(0, poison)).toEqual(refused);
    expect(stored).toEqual([]);
    expect(await apply(0, chunk)).toMatchObject({ result: ChunkResult.ACCEPT });
    expect(stored.length).toBeGreaterThan(0);
  });

  it('drops a snapshot whose chunks are what it says and not the state of the round', async () => {
    await offer(offerOf(HEIGHT, { ...metadata, chunks: sha256(poison) }));
    expect(await apply(0, poison)).toMatchObject({ result: ChunkResult.REJECT_SNAPSHOT });
    expect(events).toEqual(['state-sync-root']);
    expect(stored).toEqual([]);
    expect(await offer(good)).toBe(OfferResult.ACCEPT);
    expect(await apply(0, chunk)).toMatchObject({ result: ChunkResult.ACCEPT });
  });

  it('ends with a disk that does not take the state', async () => {
    answer = fail('store-full', '');
    await offer(good);
    expect(await apply(0, chunk)).toBe('store-full');
    expect((await told()).height).toBe(0);
    expect(events).toEqual([]);
  });

  it('takes no block before it has a state, gives no snapshot, knows its CometBFT', async () => {
    expect(await application.finalizeBlock()).toMatchObject({ error: { code: 'state-sync-early' } });
    expect(await application.commit()).toMatchObject({ error: { code: 'state-sync-early' } });
    expect(await application.listSnapshots()).toEqual(ok({ snapshots: [] }));
    expect(await application.loadSnapshotChunk()).toEqual(ok({ chunk: new Uint8Array(0) }));
    expect(await application.query()).toMatchObject({ value: { code: 1 } });
    expect(await application.info(RequestInfo.fromPartial({ version: '0.37.0' }))).toMatchObject({
      error: { code: 'cometbft-version' },
    });
  });
});
