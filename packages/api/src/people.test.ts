import { testGenesis } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { getJson, startedApi } from './test-server.js';

/** Everybody is a person; one has a seat in each attempt. */
const devices = testGenesis().devices.map((device) => ({ ...device, deviceClass: DEVICE_CLASS.user }));
const node = new TestNode({ genesis: { devices }, parameters: { userSeats: 1, ranksPerAttempt: 4 } });
let api: ApiServer;

const get = async (path: string) => (await getJson(api, path)).body;

beforeAll(async () => {
  api = await startedApi({ backend: node });
});
afterAll(() => api.close());

it('an election shows who has no seat', async () => {
  node.send(1, node.t.transaction('alice', [transferOp(1, 1)]));
  const { ranks } = await get('/v1/elections/1/1');
  expect(ranks.map(({ answer }: { answer: string }) => answer)).toEqual([
    'not-asked',
    'no-seat',
    'no-seat',
    'no-seat',
  ]);
});

it('devices, pools and batches say who is a person', async () => {
  expect(await get('/v1/devices/3')).toMatchObject({ deviceClass: 'user' });
  expect((await get('/v1/epochs/0/pool?limit=1')).items).toMatchObject([{ deviceClass: DEVICE_CLASS.user }]);
  const [maker] = (await get('/v1/makers')).items;
  expect(maker.batches.map(({ people }: { people: boolean }) => people)).toEqual([true, false, false]);
});
