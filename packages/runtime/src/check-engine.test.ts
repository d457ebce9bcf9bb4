import { heightWrite, originWrite, readOrigin } from '@iotw/adapters/cometbft/position';
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import type { Write } from '@iotw/kernel/ports/store';
import { testGenesis } from '@iotw/ledger/test-network';
import { genesisOrigin } from '@iotw/nodes/engine/origin';
import { expect, it } from 'vitest';
import { checkEngine } from './check-engine.js';

const origin = genesisOrigin(testGenesis());

it.each<[name: string, own: Write[], round: number, embedded: string, cometbft: string]>([
  ['a new ledger', [], 0, 'ok', 'ok'],
  ['one of the embedded engine', [], 1, 'ok', 'engine-embedded'],
  ['one of CometBFT', [heightWrite(3)], 1, 'engine-cometbft', 'ok'],
  ['one of CometBFT without a round so far', [heightWrite(100)], 0, 'engine-cometbft', 'ok'],
  ['one that was carried over', [originWrite(origin)], 9, 'engine-cometbft', 'ok'],
  ['one that has gone on there', [originWrite(origin), heightWrite(1)], 9, 'engine-cometbft', 'ok'],
])('%s goes on with its own engine alone', async (_, own, round, embedded, cometbft) => {
  const store = openMemoryStore();
  await store.commit(own);
  const codes = [false, true].map((with_) => {
    const checked = checkEngine(store, round, with_);
    return checked.ok ? 'ok' : checked.error.code;
  });
  expect(codes).toEqual([embedded, cometbft]);
});

it('an origin comes back from the disk as it was', async () => {
  const store = openMemoryStore();
  expect(readOrigin(store)).toBeUndefined();
  await store.commit([originWrite(origin)]);
  expect(readOrigin(store)).toEqual(origin);
});
