/** The faucet under many who ask at once, at two servers that give from one account. */
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { keys } from '@iotw/ledger/test-network';
import { encodeAddress } from '@iotw/protocol/address';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { postJson, startedApi } from './test-server.js';

const node = new TestNode();
const GIVEN = 1_000;
const PATIENCE = { timeout: 20_000 };
const FAUCET = { keys: keys('operator0'), amount: GIVEN };
const servers: ApiServer[] = [];

beforeAll(async () => {
  for (let n = 0; n < 2; n++) servers.push(await startedApi({ backend: node, faucet: FAUCET }));
});
afterAll(async () => {
  for (const server of servers) await server.close();
});

const stranger = (n: number) => keyPairFromSeed(new Uint8Array(32).fill(100 + n)).publicKey;
const ask = (server: number, n: number) =>
  postJson(servers[server]!, '/v1/faucet', { to: encodeAddress('tiotw', 0, stranger(n)) });
const balance = (n: number) => {
  const { accounts } = node.ledger;
  return accounts.balance(accounts.find(stranger(n)));
};

it('gives to each of many who ask at once, at one server', async () => {
  node.held = [];
  const asked = Array.from({ length: 30 }, (_, n) => ask(0, n));
  await vi.waitFor(() => expect(node.held).toHaveLength(30), PATIENCE);
  node.release();
  for (const { status, body } of await Promise.all(asked))
    expect([status, body.status, body.code]).toEqual([200, 'final', 'ok']);
  for (let n = 0; n < 30; n++) expect(balance(n)).toBe(GIVEN);
});

it('gives once to each of those who ask at two servers, whose numbers clash', async () => {
  node.held = [];
  const asked = Array.from({ length: 20 }, (_, n) => ask(n % 2, 40 + n));
  await vi.waitFor(() => expect(node.held).toHaveLength(20), PATIENCE);
  node.release();
  for (const { status, body } of await Promise.all(asked))
    expect([status, body.status, body.code]).toEqual([200, 'final', 'ok']);
  for (let n = 0; n < 20; n++) expect(balance(40 + n)).toBe(GIVEN);
});

it('says that it is empty', async () => {
  const poor = await startedApi({
    backend: node,
    faucet: { ...FAUCET, amount: node.t.balance('operator0') + 1 },
  });
  const to = encodeAddress('tiotw', 0, stranger(70));
  expect(await postJson(poor, '/v1/faucet', { to })).toMatchObject({
    status: 503,
    body: { code: 'faucet-empty' },
  });
  await poor.close();
});
