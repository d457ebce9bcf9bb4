/** What a server with a horizon answers of history that it does not keep any more. */
import { toHex } from '@iotw/kernel/bytes';
import { transferOp } from '@iotw/ledger/test-operations';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RoundLayout } from './round-layout.js';
import type { ApiServer } from './server.js';
import { testCommits } from './test-commits.js';
import { TestNode } from './test-node.js';
import { address, getJson, startedApi } from './test-server.js';

const node = new TestNode();
node.engineCommits = testCommits(30);
let api: ApiServer;
const ids: string[] = [];
const hashes: string[] = [];

const get = (path: string) => getJson(api, path);

beforeAll(async () => {
  for (let i = 0; i < 10; i++) {
    const { number } = node.send(0, node.t.transaction('alice', [transferOp(1, 1)])).header;
    const layout = new RoundLayout(node.history.round(number)!);
    ids.push(toHex(layout.id(0)));
    hashes.push(toHex(layout.hash(node.network, 0)));
  }
  node.pruneBelow(6);
  // What the index was told of before stays in it until its segments go.
  api = await startedApi({ backend: node });
});
afterAll(() => api.close());

it.each([
  ['a round', '/v1/rounds/5'],
  ['a round with its proof', '/v1/rounds/1/proof'],
  ['a block by lane and height', '/v1/blocks/0/3'],
  ['the proof of a block', '/v1/blocks/0/3/proof'],
  ['a commit of CometBFT', '/v1/commits/4'],
])('%s is gone: 410, with the first round that is kept', async (_, path) => {
  const { status, body } = await get(path);
  expect([status, body.code, body.data]).toEqual([410, 'pruned', { first: 6 }]);
  expect(body.detail).toContain('first round that is kept is 6');
});

it.each([
  ['a round to come', '/v1/rounds/99', 'round-not-found'],
  ['an epoch to come', '/v1/epochs/99', 'epoch-not-found'],
  ['a block to come', '/v1/blocks/0/99', 'block-not-found'],
])('%s is not pruned but not there', async (_, path, code) => {
  const { status, body } = await get(path);
  expect([status, body.code]).toEqual([404, code]);
});

it('what was before the horizon is not found by its hash, and the answer says where history begins', async () => {
  for (const path of [`/v1/transactions/${ids[2]}`, `/v1/blocks/${hashes[2]}`]) {
    const { status, body } = await get(path);
    expect([status, body.data.first]).toEqual([404, 6]);
    expect(body.detail).toContain('before round 6 is not kept here');
  }
  expect((await get(`/v1/transactions/${ids[7]}`)).body).toMatchObject({ status: 'final', round: 8 });
});

it('the history of an account ends where it begins, whatever is left in the index', async () => {
  const { body } = await get(`/v1/accounts/${address('alice')}/transactions?limit=3`);
  expect(body.items.map(({ round }: { round: number }) => round)).toEqual([10, 9, 8]);
  expect(body.index).toMatchObject({ first: 6 });
  const next = await get(`/v1/accounts/${address('alice')}/transactions?limit=3&cursor=${body.next}`);
  expect(next.body.items.map(({ round }: { round: number }) => round)).toEqual([7, 6]);
  expect(next.body.next).toBeNull();
});

it('the list of rounds ends with the first that is kept; status and metrics name it', async () => {
  const { body } = await get('/v1/rounds?limit=20');
  expect(body.items.at(-1).number).toBe(6);
  expect(body.next).toBeNull();
  expect((await get('/v1/status')).body).toMatchObject({ firstRound: 6, index: { first: 6 } });
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  expect(metrics).toContain('iotw_round_first 6');
  expect(metrics).toContain('iotw_rounds_to_prune 0');
});

it('a stream is not begun in a gap', async () => {
  const { status, body } = await get('/v1/events?after=2');
  expect([status, body.code]).toEqual([410, 'pruned']);
});
