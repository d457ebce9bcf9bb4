/** Transactions that are handed in over HTTP, one by one, in batches and through the faucet. */
import { concatBytes, toHex, writeU32 } from '@iotw/kernel/bytes';
import { keys } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { receiptFromJson } from '@iotw/protocol/receipt-json';
import { decodeEnvelope, type SignedTransaction } from '@iotw/protocol/transaction';
import { envelopeToJson } from '@iotw/protocol/transaction-json';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEPT_ROUNDS } from './limits.js';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { address, getJson, postJson, startedApi } from './test-server.js';

const node = new TestNode();
const { t } = node;
let api: ApiServer;

const get = (path: string) => getJson(api, path);
const post = (path: string, body: unknown, headers?: Record<string, string>) =>
  postJson(api, path, body, headers);

const json = (signed: SignedTransaction) => {
  const decoded = decodeEnvelope(signed.envelope);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return envelopeToJson(node.network, decoded.value, 'tiotw');
};

beforeAll(async () => {
  api = await startedApi({ backend: node, faucet: { keys: keys('operator0'), amount: 1_000 } });
  await api.index.caughtUp();
});
afterAll(() => api.close());

describe('handing in', () => {
  it('JSON, waiting until final: the receipt comes along and is good', async () => {
    const signed = t.transaction('alice', [transferOp(t.account('bob'), 11)]);
    const done = await post('/v1/transactions?wait=final', json(signed));
    expect(done).toMatchObject({ status: 200, body: { id: toHex(signed.id), status: 'final', code: 'ok' } });
    const receipt = receiptFromJson(done.body.receipt);
    expect(receipt.ok && receipt.value.envelope).toEqual(signed.envelope);
    // The same bytes again are the same transaction, not a second one.
    const again = await post('/v1/transactions?wait=final', { envelope: toHex(signed.envelope) });
    expect(again.body).toEqual(done.body);
  });

  it('accepted and certified answer at once', async () => {
    const envelope = () => ({
      envelope: toHex(t.transaction('alice', [transferOp(t.account('bob'), 1)]).envelope),
    });
    expect(await post('/v1/transactions', envelope())).toMatchObject({
      status: 202,
      body: { status: 'accepted' },
    });
    expect(await post('/v1/transactions?wait=certified', envelope())).toMatchObject({
      status: 202,
      body: { status: 'certified' },
    });
    await new Promise(setImmediate);
  });

  it('a failed one is told with its receipt', async () => {
    const signed = t.transaction('alice', [transferOp(t.account('bob'), 900_000_000)]);
    const done = await post('/v1/transactions?wait=final', json(signed));
    expect(done).toMatchObject({ status: 200, body: { status: 'failed', code: 'balance-too-low' } });
    expect(done.body.receipt.code).toBe('balance-too-low');
  });

  it('final never waits for the index', async () => {
    const other = new TestNode();
    const started = await startedApi({
      backend: other,
      indexLimits: { youngEntries: 1e6, youngRounds: 1e6, transactionsPerTurn: 0, heldRecords: 1 },
    });
    const signed = other.t.transaction('alice', [transferOp(1, 1)]);
    const response = await fetch(`${started.url}/v1/transactions?wait=final`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ envelope: toHex(signed.envelope) }),
    });
    expect(JSON.parse(await response.text())).toMatchObject({ status: 'final', round: 1 });
    // What is in memory is found without it, and what is not there is known not to be.
    const found = await fetch(`${started.url}/v1/transactions/${toHex(signed.id)}`);
    expect(await found.json()).toMatchObject({ status: 'final', round: 1 });
    const none = await fetch(`${started.url}/v1/transactions/${'00'.repeat(32)}`);
    expect(await none.json()).toMatchObject({ code: 'transaction-not-found' });
    for (let i = 0; i < KEPT_ROUNDS; i++) other.apply([]);
    const lookup = await fetch(`${started.url}/v1/transactions/${toHex(signed.id)}`);
    expect(lookup.headers.get('retry-after')).toBe('1');
    expect(await lookup.json()).toMatchObject({ code: 'index-behind', status: 503 });
    await started.close();
  });

  it('an Idempotency-Key gives the same answer, and refuses another request', async () => {
    const [one, two] = [11, 12].map((n) => t.transaction('alice', [transferOp(t.account('bob'), n)]));
    const key = { 'idempotency-key': 'order-1' };
    const first = await post('/v1/transactions?wait=certified', json(one!), key);
    expect(first.status).toBe(202);
    expect(await post('/v1/transactions?wait=certified', json(one!), key)).toEqual(first);
    const final = t.transaction('alice', [transferOp(t.account('bob'), 13)]);
    const both = [1, 2].map(() =>
      post('/v1/transactions?wait=final', json(final), { 'idempotency-key': 'f' }),
    );
    const answers = await Promise.all(both);
    expect(answers[0]!.body).toMatchObject({ status: 'final', receipt: { code: 'ok' } });
    expect(answers[1]).toEqual(answers[0]);
    expect(await post('/v1/transactions?wait=final', json(final), { 'idempotency-key': 'f' })).toEqual(
      answers[0],
    );
    expect(await post('/v1/transactions?wait=certified', json(two!), key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    expect(await post('/v1/transactions', json(two!), { 'idempotency-key': 'a b' })).toMatchObject({
      status: 400,
      body: { code: 'idempotency-key-invalid' },
    });
  });

  it('refused copies of a transaction never hide the one that counted', async () => {
    const signed = t.transaction('alice', [transferOp(t.account('bob'), 17)]);
    node.apply([t.block(0, [signed], { invalid: [0] })]);
    expect((await get(`/v1/transactions/${toHex(signed.id)}`)).body).toMatchObject({
      code: 'signature-invalid',
    });
    node.send(1, signed);
    const { number } = node.send(2, signed).header;
    const counted = { status: 'final', round: number - 1 };
    expect((await get(`/v1/transactions/${toHex(signed.id)}`)).body).toMatchObject(counted);
    await api.index.caughtUp();
    expect((await get(`/v1/transactions/${toHex(signed.id)}`)).body).toMatchObject(counted);
  });

  it('a batch, answered in JSON and packed', async () => {
    const run = [1, 2, 3].map((n) => t.transaction('bob', [transferOp(t.account('alice'), n)]));
    const bad = run[2]!.envelope.slice();
    bad[10]! ^= 1;
    const body = frame([run[0]!.envelope, run[1]!.envelope, bad]);
    const headers = { 'content-type': 'application/octet-stream' };
    const done = await fetch(`${api.url}/v1/transactions/batch?wait=final`, {
      method: 'POST',
      headers,
      body,
    });
    expect(done.status).toBe(200);
    expect(await done.json()).toEqual({
      count: 3,
      ok: 2,
      results: [
        { id: toHex(run[0]!.id), code: 'ok' },
        { id: toHex(run[1]!.id), code: 'ok' },
        { id: toHex(run[2]!.id), code: 'signature-invalid' },
      ],
    });
    const packed = await fetch(`${api.url}/v1/transactions/batch?wait=final`, {
      method: 'POST',
      headers: { ...headers, accept: 'application/octet-stream' },
      body: frame([run[0]!.envelope, run[2]!.envelope]),
    });
    const bytes = new Uint8Array(await packed.arrayBuffer());
    expect([...bytes.subarray(0, 8)]).toEqual([2, 0, 0, 0, 7, 0, 0, 0]);
    expect(bytes.subarray(8)).toEqual(concatBytes(run[0]!.id, run[2]!.id));
  });

  it('the faucet pays, within its limits', async () => {
    const before = t.balance('erin');
    for (let i = 0; i < 6; i++) {
      expect(await post('/v1/faucet', { to: address('erin') })).toMatchObject({
        status: 200,
        body: { status: 'final', amount: 1_000 },
      });
    }
    expect(t.balance('erin') - before).toBe(6_000);
    expect(await post('/v1/faucet', { to: address('erin') })).toMatchObject({
      status: 429,
      body: { code: 'faucet-limit' },
    });
  });
});

function frame(envelopes: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...envelopes.flatMap((envelope) => {
      const length = new Uint8Array(4);
      writeU32(length, 0, envelope.length);
      return [length, envelope];
    }),
  );
}
