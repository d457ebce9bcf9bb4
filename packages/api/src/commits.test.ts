/** `final` and `provable`: what a client is told before and after the commit that proves a round is there. */
import { readFileSync } from 'node:fs';
import { toHex } from '@iotw/kernel/bytes';
import { transferOp } from '@iotw/ledger/test-operations';
import { LightBlockType } from '@iotw/protocol/light-block';
import { lightBlockFromJson } from '@iotw/protocol/light-block-json';
import { ReceiptType } from '@iotw/protocol/receipt';
import { receiptFromJson } from '@iotw/protocol/receipt-json';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiServer } from './server.js';
import { testCommits } from './test-commits.js';
import { TestNode } from './test-node.js';
import { getJson, postJson, startedApi } from './test-server.js';

const FILE = new URL('../../../spec/vectors/external/cometbft-light-blocks.json', import.meta.url);
const block = lightBlockFromJson(JSON.parse(readFileSync(FILE, 'utf8')).blocks[1]);
if (!block.ok) throw new Error(block.error.message);
const node = new TestNode();
/** The engine has just committed the height of round 1. */
const commits = testCommits(2, () => block.value);
node.engineCommits = commits;
let api: ApiServer;

const payment = () => node.t.transaction('alice', [transferOp(node.t.account('bob'), 5)]);
const commitsOf = (receipt: unknown) => {
  const read = receiptFromJson(receipt);
  return read.ok ? read.value.commits : read.error.code;
};

beforeAll(async () => {
  api = await startedApi({ backend: node });
});
afterAll(() => api.close());

describe('a transaction where several ledger servers order', () => {
  const first = payment();
  const path = `/v1/transactions/${toHex(first.id)}`;

  it('is final and not provable before the next height', async () => {
    const done = await postJson(api, '/v1/transactions?wait=final', { envelope: toHex(first.envelope) });
    expect(done.body).toMatchObject({ status: 'final', round: 1 });
    expect(commitsOf(done.body.receipt)).toEqual([]);
    expect((await getJson(api, path)).body).toMatchObject({ status: 'final', provable: false });
    expect(commitsOf((await getJson(api, `${path}/receipt`)).body)).toEqual([]);
  });

  it('is provable by the commit of the next height: who waits for it gets the receipt that carries it', async () => {
    let told = false;
    const waiting = getJson(api, `${path}/receipt?wait=provable`).then((answer) => {
      told = true;
      return answer;
    });
    await vi.waitFor(() => expect(commits.listening).toBe(1));
    expect(told).toBe(false);
    commits.advance();
    expect(commitsOf((await waiting).body)).toEqual([block.value]);
    expect(commits.listening).toBe(0);
    expect((await getJson(api, path)).body).toMatchObject({ status: 'final', provable: true });
    const bytes = await fetch(`${api.url}${path}/receipt`, {
      headers: { accept: 'application/octet-stream' },
    });
    const receipt = ReceiptType.deserialize(new Uint8Array(await bytes.arrayBuffer()));
    expect(receipt.commits).toEqual([block.value]);
  });

  it('can be handed in and waited for until it is provable', async () => {
    const second = payment();
    const headers = { 'idempotency-key': 'proven' };
    const body = { envelope: toHex(second.envelope) };
    const waiting = postJson(api, '/v1/transactions?wait=provable', body, headers);
    await vi.waitFor(() => expect(commits.listening).toBe(1));
    commits.advance();
    // The round is in height 4: its own commit makes it final, no more.
    expect(commits).toMatchObject({ height: 4, listening: 1 });
    commits.advance();
    const done = await waiting;
    expect(done).toMatchObject({ status: 200, body: { status: 'final', code: 'ok', provable: true } });
    expect(commitsOf(done.body.receipt)).toEqual([block.value]);
    expect(await postJson(api, '/v1/transactions?wait=provable', body, headers)).toEqual(done);
  });

  it('shows each height’s commit, and says where there is none', async () => {
    const asked = await fetch(`${api.url}/v1/commits/latest`, {
      headers: { accept: 'application/octet-stream' },
    });
    expect(LightBlockType.deserialize(new Uint8Array(await asked.arrayBuffer()))).toEqual(block.value);
    expect(lightBlockFromJson((await getJson(api, '/v1/commits/3')).body)).toEqual(block);
    expect(await getJson(api, '/v1/commits/999')).toMatchObject({
      status: 404,
      body: { code: 'commit-not-found' },
    });
    expect(await getJson(api, '/v1/commits/0')).toMatchObject({
      status: 400,
      body: { code: 'request-invalid' },
    });
  });
});

it('where one ledger server orders, what is final is provable, by its signature', async () => {
  const alone = new TestNode();
  const own = await startedApi({ backend: alone });
  const { id, envelope } = alone.t.transaction('alice', [transferOp(alone.t.account('bob'), 5)]);
  const done = await postJson(own, '/v1/transactions?wait=provable', { envelope: toHex(envelope) });
  expect(done.body).toMatchObject({ status: 'final', provable: true });
  expect(commitsOf(done.body.receipt)).toEqual([]);
  expect((await getJson(own, `/v1/transactions/${toHex(id)}`)).body).toMatchObject({ provable: true });
  expect(await getJson(own, '/v1/commits/1')).toMatchObject({
    status: 404,
    body: { code: 'commit-not-found' },
  });
  await own.close();
});
