import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, ok } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import { StateShape } from '@iotw/ledger/state-shape';
import { TestNetwork } from '@iotw/ledger/test-network';
import { pageReader, snapshotWrites } from '@iotw/nodes/ledger-server/restore';
import { checkOffer } from '@iotw/nodes/state-sync/snapshot';
import { type ChunkedState, chunksOf } from '@iotw/nodes/state-sync/snapshot-chunks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SnapshotFiles } from './snapshot-files.js';

const t = new TestNetwork();
const outcome = t.endEpoch();
const shape = new StateShape(t.genesis);
const sheets = new Map(
  snapshotWrites(t.ledger).map(({ key, value }) => [Buffer.from(key).toString('hex'), value]),
);
const of = { network: shape.network, header: outcome.header, stateBefore: outcome.edge!.stateBefore };

function state(): ChunkedState {
  const chunked = chunksOf(
    shape,
    pageReader({ get: (_, key) => sheets.get(Buffer.from(key).toString('hex')) }),
  );
  if (!chunked.ok) throw new Error(chunked.error.code);
  return chunked.value;
}

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'iotw-snapshots-')), 'snapshots');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

async function open(keep = 2): Promise<SnapshotFiles> {
  const files = await SnapshotFiles.open(folder, keep);
  if (!files.ok) throw new Error(files.error.code);
  return files.value;
}
const heights = (files: SnapshotFiles): number[] => files.list().map(({ height }) => height);

describe('snapshots on disk', () => {
  it('are given out as they were made, also after a restart', async () => {
    const made = await open();
    expect(made.newestMs).toBe(0);
    expect(await made.make(7, of, state())).toEqual(ok(undefined));
    for (const files of [made, await open()]) {
      const [offer] = files.list();
      expect(files.newestMs).toBe(outcome.header.timeMs);
      const accepted = checkOffer(shape, offer!, outcome.hash);
      if (!accepted.ok) throw new Error(accepted.error.code);
      const { chunks } = accepted.value.metadata;
      for (let i = 0; i < offer!.chunks; i++) {
        const chunk = await files.chunk(7, offer!.format, i);
        expect(sha256(chunk!)).toEqual(chunks.subarray(32 * i, 32 * i + 32));
      }
    }
  });

  it('are the newest so many', async () => {
    const files = await open();
    for (const height of [3, 5, 9]) expect((await files.make(height, of, state())).ok).toBe(true);
    expect(heights(files)).toEqual([9, 5]);
    expect(readdirSync(folder).sort()).toEqual(['5', '9']);
    expect(heights(await open(1))).toEqual([9]);
    expect(readdirSync(folder)).toEqual(['9']);
  });

  it.each([
    ['a height that there is none of', 8, 1, 0],
    ['another form', 7, 2, 0],
    ['a chunk too many', 7, 1, 1],
  ])('have nothing for %s', async (_, height, format, index) => {
    const files = await open();
    await files.make(7, of, state());
    expect(await files.chunk(7, 1, 0)).toBeDefined();
    expect(await files.chunk(height, format, index)).toBeUndefined();
  });

  it('that could not be finished leave nothing, and what is no snapshot goes', async () => {
    const moved = fail('state-sync-moved', '');
    const files = await open();
    expect(await files.make(7, of, { rows: [], parts: [...[...state().parts].slice(0, 3), moved] })).toEqual(
      moved,
    );
    expect(readdirSync(folder)).toEqual([]);
    for (const [name, metadata] of [
      ['unfinished', ''],
      ['7', 'noise'],
      ['08', ''],
    ] as const) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'metadata'), metadata);
    }
    expect(heights(await open())).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('say where they can not be kept', async () => {
    writeFileSync(folder, '');
    expect(await SnapshotFiles.open(folder, 2)).toMatchObject({ error: { code: 'state-sync-files' } });
  });
});
