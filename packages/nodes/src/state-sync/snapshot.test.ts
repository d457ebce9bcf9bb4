import { utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { StateShape } from '@iotw/ledger/state-shape';
import { TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { tradeOp, transferToKeyOp } from '@iotw/ledger/test-operations';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageReader, snapshotWrites } from '../ledger-server/restore.js';
import {
  CHUNK_BYTES,
  chunkPlan,
  MAX_CHUNKS,
  MAX_METADATA_BYTES,
  offerOf,
  type SnapshotMetadata,
  type SnapshotOffer,
} from './snapshot.js';
import { chunksOf } from './snapshot-chunks.js';
import { SnapshotReceiver } from './snapshot-receiver.js';

const HEIGHT = 12;
const shape = new StateShape(testGenesis());

interface Served {
  readonly offer: SnapshotOffer;
  readonly metadata: SnapshotMetadata;
  readonly chunks: readonly Uint8Array[];
  readonly appHash: Uint8Array;
}

const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');

/** What is stored: the newest bytes of each sheet. */
class Disk {
  readonly #held = new Map<string, Uint8Array>();
  readonly reader = pageReader({ get: (_, key) => this.#held.get(hex(key)) });
  take(ledger: Ledger): void {
    for (const { key, value } of snapshotWrites(ledger)) this.#held.set(hex(key), value!);
  }
}

/** A network with that many guests, where an epoch just ended, as a server of it gives it out. */
function serve(
  guests: number,
  t = new TestNetwork(),
): Served & { readonly ledger: Ledger; readonly disk: Disk } {
  for (let first = 0; first < guests; first += 1_000) {
    const count = Math.min(1_000, guests - first);
    t.send('alice', ...Array.from({ length: count }, (_, i) => transferToKeyOp(`guest${first + i}`, 1)));
  }
  const disk = new Disk();
  // A state that was saved before: the pages of a snapshot bear the marks of several rounds.
  disk.take(t.ledger);
  t.send('bob', tradeOp('erin', 7));
  const outcome = t.endEpoch();
  disk.take(t.ledger);
  return { ...given(disk, outcome), ledger: t.ledger, disk };
}

function given(disk: Disk, outcome: RoundOutcome): Served {
  const state = chunksOf(shape, disk.reader);
  if (!state.ok) throw new Error(state.error.code);
  const chunks: Uint8Array[] = [];
  for (const part of state.value.parts) {
    if (!part.ok) throw new Error(part.error.code);
    const { chunk, rows } = part.value;
    chunks[chunk] = Buffer.concat([chunks[chunk] ?? new Uint8Array(0), rows]);
  }
  const metadata: SnapshotMetadata = {
    network: shape.network,
    header: outcome.header,
    stateBefore: outcome.edge!.stateBefore,
    rows: [...state.value.rows],
    chunks: Buffer.concat(chunks.map(sha256)),
  };
  return { offer: offerOf(HEIGHT, metadata), metadata, chunks, appHash: outcome.hash };
}

/** Hands all chunks over: the code of the first that is refused, or the ledger that stands there. */
function join({ offer, chunks, appHash }: Served): Ledger | string {
  const receiver = new SnapshotReceiver(shape);
  const accepted = receiver.offer(offer, appHash);
  if (!accepted.ok) return accepted.error.code;
  for (const [index, chunk] of chunks.entries()) {
    const taken = receiver.chunk(index, chunk);
    if (!taken.ok) return taken.error.code;
    if (taken.value === undefined) continue;
    expect(index).toBe(chunks.length - 1);
    expect(taken.value.height).toBe(HEIGHT);
    expect(taken.value.hash).toEqual(appHash);
    const pages = new Map(taken.value.writes.map(({ key, value }) => [hex(key), value] as const));
    const reader = pageReader({ get: (_, key) => pages.get(hex(key)) });
    const loaded = Ledger.load(reader, testGenesis());
    return loaded.ok ? loaded.value : loaded.error.code;
  }
  return 'incomplete';
}

const small = serve(3);
const large = serve(80_000);
const of = (served: Served, change: Partial<SnapshotMetadata>): Served => {
  const metadata = { ...served.metadata, ...change };
  return { ...served, metadata, offer: offerOf(HEIGHT, metadata) };
};
/** The chunk with one bit of its middle turned. */
const poisoned = (chunk: Uint8Array): Uint8Array =>
  Uint8Array.from(chunk, (byte, i) => (i === chunk.length >>> 1 ? byte ^ 1 : byte));

describe('a snapshot of the state', () => {
  it.each([
    ['small', small],
    ['of several chunks', large],
  ])('that is %s gives the same ledger, which goes on alike', (_, served) => {
    const joined = join(served);
    if (typeof joined === 'string') throw new Error(joined);
    const { ledger } = served;
    expect(joined.round).toBe(ledger.round);
    expect(joined.timeMs).toBe(ledger.timeMs);
    expect(joined.roundHash).toEqual(ledger.roundHash);
    expect(joined.stateHash).toEqual(ledger.stateHash);
    expect(joined.stateRoot()).toEqual(ledger.stateRoot());
    expect(joined.countSupply()).toBe(ledger.chain.supply);
    expect(joined.chain.supply).toBe(ledger.chain.supply);
    expect(joined.snapshotOf(joined.epoch)).toEqual(ledger.snapshotOf(ledger.epoch));
  });

  it('has several chunks where the state is large, each within its bound', () => {
    expect(large.chunks.length).toBeGreaterThan(1);
    for (const { length } of large.chunks) expect(length).toBeLessThanOrEqual(CHUNK_BYTES);
    expect(large.offer.metadata.length).toBeLessThanOrEqual(MAX_METADATA_BYTES);
  });

  it('has no page larger than a chunk', () => {
    for (const { bytes } of shape.pages(shape.tables.map(() => 256)))
      expect(bytes).toBeLessThanOrEqual(CHUNK_BYTES);
  });

  it('is given up where the next epoch has changed the state on disk meanwhile', () => {
    const t = new TestNetwork();
    const { disk } = serve(3, t);
    const state = chunksOf(shape, disk.reader);
    if (!state.ok) throw new Error(state.error.code);
    t.endEpoch();
    disk.take(t.ledger);
    expect([...state.value.parts].at(-1)).toMatchObject({ error: { code: 'state-sync-moved' } });
    expect(chunksOf(shape, new Disk().reader)).toMatchObject({ error: { code: 'state-sync-moved' } });
  });

  it('of any state has the same root', () => {
    const step = fc.record({
      guest: fc.nat(600),
      amount: fc.integer({ min: 1, max: 9 }),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const t = new TestNetwork();
        for (const { guest, amount, ends } of steps) {
          t.send('alice', ...Array.from({ length: guest }, (_, i) => transferToKeyOp(`guest${i}`, amount)));
          if (ends) t.endEpoch();
        }
        const served = serve(0, t);
        const joined = join(served);
        if (typeof joined === 'string') throw new Error(joined);
        expect(joined.stateRoot()).toEqual(t.ledger.stateRoot());
        expect(joined.stateHash).toEqual(t.ledger.stateHash);
      }),
      { numRuns: 15 },
    );
  });
});

describe('a snapshot is refused', () => {
  const otherChunks = [poisoned(small.chunks[0]!)];
  it.each<[string, string, Served]>([
    ['of another form', 'state-sync-format', { ...small, offer: { ...small.offer, format: 2 } }],
    [
      'with a hash that is not its metadata’s',
      'state-sync-metadata',
      { ...small, offer: { ...small.offer, hash: shape.network } },
    ],
    ['with too much metadata', 'state-sync-metadata', withMetadata(new Uint8Array(MAX_METADATA_BYTES + 1))],
    ['with noise as metadata', 'state-sync-metadata', withMetadata(utf8('noise'))],
    [
      'with bytes behind its metadata',
      'state-sync-chunks',
      withMetadata(Buffer.concat([small.offer.metadata, utf8('x')])),
    ],
    ['of another network', 'state-sync-network', of(small, { network: new Uint8Array(32) })],
    ['with another app hash than the verified one', 'state-sync-round', { ...small, appHash: large.appHash }],
    [
      'with a header that was touched',
      'state-sync-round',
      of(small, { header: { ...small.metadata.header, timeMs: 1 } }),
    ],
    ['with a table less', 'state-sync-chunks', of(small, { rows: small.metadata.rows.slice(1) })],
    [
      'with more rows than chunks',
      'state-sync-chunks',
      of(small, { rows: small.metadata.rows.map((n) => n + 20_000) }),
    ],
    [
      'with another number of chunks',
      'state-sync-chunks',
      { ...small, offer: { ...small.offer, chunks: 2 } },
    ],
    [
      'with a hash of a chunk too many',
      'state-sync-chunks',
      of(small, { chunks: Buffer.concat([small.metadata.chunks, shape.network]) }),
    ],
    [
      'with more rows than can be handed over',
      'state-sync-size',
      of(small, { rows: small.metadata.rows.map(() => 2 ** 32 - 1) }),
    ],
    ['with a poisoned chunk', 'state-sync-chunk', { ...small, chunks: otherChunks }],
    ['with a short chunk', 'state-sync-chunk', { ...small, chunks: [small.chunks[0]!.subarray(1)] }],
    ['with chunks in another order', 'state-sync-chunk', { ...large, chunks: [...large.chunks].reverse() }],
    [
      'with a poisoned chunk under its own hash',
      'state-sync-root',
      { ...of(small, { chunks: sha256(otherChunks[0]!) }), chunks: otherChunks },
    ],
    [
      'with another hash of the state before the root',
      'state-sync-root',
      of(small, { stateBefore: shape.network }),
    ],
  ])('%s: %s', (_, code, served) => {
    expect(join(served)).toBe(code);
  });

  function withMetadata(metadata: Uint8Array): Served {
    return { ...small, offer: { ...small.offer, metadata, hash: sha256(metadata) } };
  }

  it('chunk by chunk: a poisoned one is fetched again, one too many is not asked for', () => {
    const receiver = new SnapshotReceiver(shape);
    const chunk = (index: number, bytes: Uint8Array) => {
      const taken = receiver.chunk(index, bytes);
      return taken.ok ? taken.value?.round : taken.error.code;
    };
    expect(chunk(0, large.chunks[0]!)).toBe('state-sync-no-offer');
    expect(receiver.offer(large.offer, large.appHash).ok).toBe(true);
    const last = large.chunks.length - 1;
    for (let i = 0; i < last; i++) {
      expect(chunk(i, poisoned(large.chunks[i]!))).toBe('state-sync-chunk');
      expect(chunk(i, large.chunks[i]!)).toBe(undefined);
      expect(chunk(i, large.chunks[i]!)).toBe(undefined);
    }
    expect(chunk(last + 1, large.chunks[last]!)).toBe('state-sync-chunk');
    expect(chunk(last, large.chunks[last]!)).toBe(large.ledger.round);
    expect(chunk(last, large.chunks[last]!)).toBe('state-sync-no-offer');
  });

  it('before any work where its rows are more than can be handed over', () => {
    // Of a table whose pages leave a rest of each chunk empty, so that the sum of the bytes would do.
    const table = shape.tables.findIndex(({ rowBytes }) => CHUNK_BYTES % (256 * rowBytes) !== 0);
    const all = Math.floor((MAX_CHUNKS * CHUNK_BYTES) / shape.tables[table]!.rowBytes);
    const planned = (count: number) =>
      chunkPlan(
        shape,
        shape.tables.map((_, i) => (i === table ? count : 0)),
      );
    expect(planned(all).ok || 'state-sync-size').toBe('state-sync-size');
    expect(planned(all + 1).ok || 'state-sync-size').toBe('state-sync-size');
    expect(planned(Math.floor(all / 2)).ok).toBe(true);
  });
});
