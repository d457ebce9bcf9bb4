/** The newest blocks and transactions of the whole network, page by page. */
import { toHex } from '@iotw/kernel/bytes';
import { tradeOp } from '@iotw/ledger/test-operations';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { getJson, startedApi } from './test-server.js';

const node = new TestNode();
const { t } = node;
const sent: string[] = [];
let api: ApiServer;

beforeAll(async () => {
  api = await startedApi({ backend: node });
  for (let i = 0; i < 7; i++) {
    const pay = t.transaction('alice', [tradeOp('bob', 1_000 + i)]);
    node.send(i % 2, pay);
    sent.unshift(toHex(pay.id));
  }
});
afterAll(() => api.close());

async function everything(path: string, limit: number) {
  const items: Record<string, unknown>[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, body } = await getJson(api, `${path}?limit=${limit}${cursor && `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    items.push(...body.items);
    cursor = body.next;
  }
  return items;
}

it.each([1, 2, 3, 100])('transactions, newest first, %i a page', async (limit) => {
  expect((await everything('/v1/transactions', limit)).map(({ id }) => id)).toEqual(sent);
});

it.each([1, 4, 100])('blocks of every lane, newest first, %i a page', async (limit) => {
  const blocks = await everything('/v1/blocks', limit);
  expect(blocks.map(({ lane }) => lane)).toEqual([0, 1, 0, 1, 0, 1, 0]);
  for (const { lane, height, hash, round } of blocks) {
    const { body } = await getJson(api, `/v1/blocks/${lane}/${height}`);
    expect(body).toMatchObject({ hash, round });
  }
});

it('a cursor of another list is refused', async () => {
  const { body } = await getJson(api, '/v1/blocks?limit=1');
  expect(await getJson(api, `/v1/transactions?cursor=${body.next}`)).toMatchObject({
    status: 400,
    body: { code: 'cursor-invalid' },
  });
});

it('a maker by its number', async () => {
  const { body } = await getJson(api, '/v1/makers');
  const [first] = body.items;
  expect(await getJson(api, `/v1/makers/${first.maker}`)).toMatchObject({ status: 200, body: first });
  expect(await getJson(api, '/v1/makers/65000')).toMatchObject({
    status: 404,
    body: { code: 'maker-not-found' },
  });
});

it('accounts by number', async () => {
  const accounts = await everything('/v1/accounts', 2);
  expect(accounts.map(({ number }) => number)).toEqual(accounts.map((_, number) => number));
  const { body } = await getJson(api, `/v1/accounts/${accounts.at(-1)!.address}`);
  expect(body).toEqual(accounts.at(-1));
});
