/** What a key may do, told by the key alone. */
import { toHex } from '@iotw/kernel/bytes';
import { publicKey } from '@iotw/ledger/test-network';
import { revokeOp } from '@iotw/ledger/test-operations';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { address, getJson, startedApi } from './test-server.js';

const node = new TestNode();
let api: ApiServer;
beforeAll(async () => {
  api = await startedApi({ backend: node });
});
afterAll(() => api.close());

const NONE = { member: false, makers: [], batches: [], trustNodes: [], ledgerServers: [] };
const rolesOf = async (name: string) => (await getJson(api, `/v1/roles/${address(name)}`)).body;

it.each<[string, object]>([
  ['member0', { member: true }],
  ['maker1', { makers: [{ maker: 1, name: 'One' }] }],
  ['batch2', { batches: [{ maker: 1, batch: 2 }] }],
  ['operator1', { trustNodes: [1], ledgerServers: [1] }],
  ['alice', {}],
  ['nobody', {}],
])('%s', async (name, roles) => {
  expect(await rolesOf(name)).toEqual({ ...NONE, ...roles });
  expect((await getJson(api, `/v1/roles/${toHex(publicKey(name))}`)).body).toEqual({ ...NONE, ...roles });
});

it('a revoked batch gives no role, and what is no key is refused', async () => {
  const { t } = node;
  node.send(0, t.transaction('alice', [revokeOp(t, { maker: 1, kind: 1, batch: 3 })]));
  expect(await rolesOf('batch3')).toEqual(NONE);
  expect((await getJson(api, '/v1/roles/tiotw1nothing')).status).toBe(400);
});
