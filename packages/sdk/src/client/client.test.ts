import { concatBytes, toHex } from '@iotw/kernel/bytes';
import { encodeCertifiedBlock } from '@iotw/protocol/certificate';
import { genesisToJson, parametersToJson } from '@iotw/protocol/genesis-json';
import { encodePoolDevice } from '@iotw/protocol/pool';
import { ReceiptType } from '@iotw/protocol/receipt';
import { receiptToJson } from '@iotw/protocol/receipt-json';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../client.js';
import { verifyBlock } from '../verify/block.js';
import { verifyReceipt } from '../verify/receipt.js';
import { TestLedger } from '../verify/test-ledger.js';
import { trustFromGenesis } from '../verify/trust.js';
import type { ClientOptions } from './connection.js';
import { encodeBatch } from './submit.js';
import { type Answer, hangUp, json, octets, problem, silence, TestServer } from './test-server.js';

const l = new TestLedger();
const network = toHex(l.network);
const signed = l.transactions[1]!;
const id = toHex(signed.id);
let server: TestServer;

const NETWORK = {
  ...{ name: 'test', network, testnet: true, addressPrefix: 'tiotw', round: 9, timeMs: 1, epoch: 3 },
  ...{ laneKeys: [], ledgerServerKeys: [], committeeSize: 4, trustThreshold: 3, regions: [], clouds: [] },
  parameters: {},
};
const ACCOUNT = { number: 7, address: 'tiotw1', key: '00', balance: 12, sequence: 41 };

beforeAll(async () => {
  server = await new TestServer().start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.received.length = 0;
  server.on('GET /v1/network', json(NETWORK));
});

function client(options: Partial<ClientOptions> = {}) {
  return createClient({ url: server.url, network, backoffMs: () => 1, timeoutMs: 2_000, ...options });
}
const failure = (code: string) => ({ ok: false, error: { code } });

describe('failures', () => {
  const rows: readonly [title: string, code: string, answer: Answer, options?: Partial<ClientOptions>][] = [
    ["a problem's own code", 'account-not-found', problem(404, 'account-not-found', 'Nobody.')],
    ['an error without a problem', 'client-status', json({ oops: 1 }, 500)],
    ['a problem with a wild code', 'client-status', problem(400, 'No Such/Code', 'x')],
    ['no JSON', 'client-answer', (response) => response.end('<html>')],
    ['an answer of another kind', 'client-answer', json([1])],
    ['an answer that lacks a field', 'client-answer', json({ ...ACCOUNT, balance: '12' })],
    ['silence', 'client-timeout', silence, { timeoutMs: 30, retries: 0 }],
    ['a broken connection', 'client-unreachable', hangUp],
    ['nobody there', 'client-unreachable', silence, { url: 'http://127.0.0.1:1' }],
    ['no address', 'client-url', silence, { url: 'localhost' }],
    ['another scheme', 'client-url', silence, { url: 'ftp://localhost' }],
  ];
  it.each(rows)('%s', async (_, code, answer, options) => {
    server.on('GET /v1/accounts/7', answer);
    expect(await client(options).getAccount(7)).toMatchObject(failure(code));
  });

  it('keeps sentence, data and status of a problem', async () => {
    server.on('GET /v1/accounts/7', problem(422, 'sequence-used', 'Take another.', {}, { next: 5 }));
    expect(await client().getAccount(7)).toEqual({
      ok: false,
      error: { code: 'sequence-used', message: 'Take another.', data: { next: 5, status: 422 } },
    });
  });

  it('encodes what it puts into a path', async () => {
    await client().getAccount('../x?y');
    expect(server.received.at(-1)?.url).toBe('/v1/accounts/..%2Fx%3Fy');
  });
});

describe('tries again', () => {
  it('a question, until it is answered', async () => {
    const busy = problem(503, 'node-overloaded', 'Later.', { 'retry-after': '0' });
    server.on('GET /v1/accounts/7', busy, hangUp, busy, json(ACCOUNT));
    expect(await client().getAccount(7)).toMatchObject({ ok: true, value: { sequence: 41 } });
    expect(server.count('GET /v1/accounts/7')).toBe(4);
  });

  it('no more often than it may, and not what was refused', async () => {
    server.on('GET /v1/accounts/7', problem(503, 'node-overloaded', 'Later.'));
    expect(await client({ retries: 2 }).getAccount(7)).toMatchObject(failure('node-overloaded'));
    expect(server.count('GET /v1/accounts/7')).toBe(3);
    server.on('GET /v1/accounts/8', problem(404, 'account-not-found', 'Nobody.'));
    await client().getAccount(8);
    expect(server.count('GET /v1/accounts/8')).toBe(1);
  });

  it('leaves a long pause to the caller', async () => {
    server.on('GET /v1/accounts/7', problem(429, 'rate-limited', 'Slow.', { 'retry-after': '600' }));
    expect(await client().getAccount(7)).toMatchObject({ error: { data: { retryAfterMs: 600_000 } } });
    expect(server.count('GET /v1/accounts/7')).toBe(1);
  });

  it('a submission, which has its effect once', async () => {
    server.on('POST /v1/transactions', hangUp, problem(409, 'transaction-duplicate', 'Known.'));
    const submitted = await client().submit(signed);
    expect(submitted).toMatchObject({ ok: true, value: { id, status: 'accepted', duplicate: true } });
    expect(server.count('POST /v1/transactions')).toBe(2);
  });

  it('no submission that timed out, and no faucet', async () => {
    server.on('POST /v1/transactions', problem(504, 'wait-timeout', 'Open.'));
    expect(await client().submit(signed, { wait: 'final' })).toMatchObject(failure('wait-timeout'));
    expect(server.count('POST /v1/transactions')).toBe(1);
    server.on('POST /v1/faucet', hangUp);
    expect(await client().faucet('tiotw1x')).toMatchObject(failure('client-unreachable'));
    expect(server.count('POST /v1/faucet')).toBe(1);
  });
});

describe('the network', () => {
  it('is refused where it is not the expected one', async () => {
    const other = client({ network: new Uint8Array(32) });
    expect(await other.getNetwork()).toMatchObject(failure('client-network-mismatch'));
    expect(await other.submit(signed)).toMatchObject(failure('client-network-mismatch'));
    expect(server.count('POST /v1/transactions')).toBe(0);
    expect(await client({ network: 'abc' }).getNetwork()).toMatchObject(failure('client-network'));
  });

  it('is refused where the transaction was signed for another', async () => {
    server.on('GET /v1/network', json({ ...NETWORK, network: '11'.repeat(32) }));
    const { network: _, ...anywhere } = { url: server.url, network, backoffMs: () => 1 };
    expect(await createClient(anywhere).submit(signed)).toMatchObject(failure('client-network-mismatch'));
    expect(server.count('POST /v1/transactions')).toBe(0);
  });

  it('gives its genesis, whose hash it must be', async () => {
    server.on('GET /v1/genesis', json(genesisToJson(l.genesis)));
    expect(await client().getGenesis()).toEqual({ ok: true, value: l.genesis });
    server.on('GET /v1/genesis', json(genesisToJson({ ...l.genesis, rewardPool: 1 })));
    expect(await client().getGenesis()).toMatchObject(failure('client-network-mismatch'));
  });
});

describe('submitting', () => {
  it('sends the envelope and reads receipt and state', async () => {
    const receipt = receiptToJson(l.receipt());
    server.on('POST /v1/transactions', json({ id, status: 'final', code: 'ok', receipt }));
    const submitted = await client().submit(signed, { wait: 'final' });
    expect(submitted).toEqual({
      ok: true,
      value: { id, status: 'final', code: 'ok', duplicate: false, receipt: l.receipt() },
    });
    const sent = server.received.at(-1)!;
    expect(sent.url).toBe('/v1/transactions?wait=final');
    expect(JSON.parse(sent.body.toString())).toEqual({ envelope: toHex(signed.envelope) });
  });

  it('trusts neither another id nor the receipt of another', async () => {
    server.on('POST /v1/transactions', json({ id: '00'.repeat(32), status: 'final' }));
    expect(await client().submit(signed)).toMatchObject(failure('client-answer'));
    const receipt = receiptToJson(l.receipt({ index: 2 }));
    server.on('POST /v1/transactions', json({ id, status: 'final', receipt }));
    expect(await client().submit(signed)).toMatchObject(failure('client-other-receipt'));
  });

  it('sends no envelope that is none', async () => {
    const envelope = new Uint8Array(4);
    expect(await client().submit({ id: signed.id, envelope })).toMatchObject(failure('client-envelope'));
  });

  it('sends a batch behind lengths and reads each outcome', async () => {
    const results = l.transactions.map((_, i) => ({
      id: null,
      code: i === 2 ? 'sequence-used' : 'undecided',
    }));
    server.on('POST /v1/transactions/batch', json({ count: 5, ok: 4, results }, 202));
    const sent = await client().submitBatch(l.transactions);
    expect(sent.ok && sent.value.map(({ code }) => code)).toEqual(results.map(({ code }) => code));
    expect(sent.ok && sent.value[1]?.id).toBe(id);
    const body = encodeBatch(l.transactions.map(({ envelope }) => envelope));
    expect(body.ok && toHex(server.received.at(-1)!.body)).toBe(
      toHex(body.ok ? body.value : new Uint8Array()),
    );
    expect(body.ok && body.value[0]).toBe(l.transactions[0]!.envelope.length);
    server.on('POST /v1/transactions/batch', json({ count: 1, ok: 1, results: [{ id: null, code: 'ok' }] }));
    expect(await client().submitBatch(l.transactions)).toMatchObject(failure('client-answer'));
    expect(await client().submitBatch([])).toMatchObject(failure('client-batch'));
    // More than a call takes as arguments.
    const many = new Array<Uint8Array>(200_000).fill(l.transactions[0]!.envelope.subarray(0, 1));
    expect(encodeBatch(many)).toMatchObject(failure('client-batch'));
  });
});

describe('receipts', () => {
  const path = `GET /v1/transactions/${id}/receipt`;
  const good = octets(ReceiptType.serialize(l.receipt()));

  it('are waited for, and verify', async () => {
    const open = problem(404, 'transaction-not-found', 'Not yet.');
    server.on(path, open, open, good);
    const receipt = await client().waitForReceipt(id, { pollMs: 1 });
    const trust = trustFromGenesis(l.genesis, l.network);
    if (!receipt.ok || !trust.ok) throw new Error('no receipt');
    expect(verifyReceipt(receipt.value, { ...trust.value, pool: l.pool }, signed.id).paid).toBe(true);
    expect(server.count(path)).toBe(3);
  });

  it('of another transaction are refused', async () => {
    server.on(path, octets(ReceiptType.serialize(l.receipt({ index: 2 }))));
    expect(await client().getReceipt(id)).toMatchObject(failure('client-other-receipt'));
    server.on(path, octets(new Uint8Array(40)));
    expect(await client().getReceipt(id)).toMatchObject(failure('malformed'));
    expect(await client().getReceipt('xyz')).toMatchObject(failure('client-transaction-id'));
  });

  it('that do not come leave the fate open', async () => {
    server.on(path, problem(404, 'transaction-not-found', 'Not yet.'));
    expect(await client().waitForReceipt(id, { timeoutMs: 20, pollMs: 5 })).toMatchObject(
      failure('client-receipt-timeout'),
    );
    const stop = new AbortController();
    const waiting = client().waitForReceipt(id, { pollMs: 5, signal: stop.signal });
    stop.abort();
    expect(await waiting).toMatchObject(failure('client-aborted'));
  });
});

describe('lists and pools', () => {
  const entry = (round: number) => ({
    ...{ id, status: 'final', provable: true, code: 'ok', fee: 1, round, position: 0, timeMs: 1 },
    block: {},
    transaction: null,
  });

  it('go from page to page', async () => {
    const path = 'GET /v1/accounts/7/transactions';
    server.on(
      path,
      json({ items: [entry(3), entry(2)], next: 'c1' }),
      json({ items: [entry(1)], next: null }),
    );
    const rounds: number[] = [];
    for await (const item of client().listAccountTransactions(7, { limit: 2 })) {
      if (item.ok) rounds.push(item.value.round);
    }
    expect(rounds).toEqual([3, 2, 1]);
    expect(server.received.map(({ url }) => url.split('?')[1])).toEqual(['limit=2', 'limit=2&cursor=c1']);
    server.on(path, json({ items: [entry(3)], next: 'c1' }), problem(400, 'cursor-invalid', 'x'));
    const seen: unknown[] = [];
    for await (const item of client().listAccountTransactions(7)) seen.push(item.ok || item.error.code);
    expect(seen).toEqual([true, 'cursor-invalid']);
  });

  it('a pool must have the root that it names', async () => {
    const epoch = {
      ...{ epoch: 3, state: 'running', mode: 'random', randomness: 'vrf', poolDevices: 24, settlement: null },
      seed: toHex(l.pool.seed),
      poolRoot: toHex(l.pool.root),
      parameters: parametersToJson(l.pool.parameters),
      trustNodes: l.pool.trustNodes.map(({ index, key }) => ({ index, key: toHex(key) })),
      assigners: [],
    };
    server.on('GET /v1/epochs/3', json(epoch));
    server.on('GET /v1/epochs/3/pool', octets(concatBytes(...l.pool.devices.map(encodePoolDevice))));
    expect(await client().getPool(3)).toEqual({ ok: true, value: l.pool });
    server.on('GET /v1/epochs/3/pool', octets(concatBytes(...l.pool.devices.slice(1).map(encodePoolDevice))));
    expect(await client().getPool(3)).toMatchObject(failure('client-answer'));
    server.on('GET /v1/epochs/3/pool', octets(new Uint8Array(50)));
    expect(await client().getPool(3)).toMatchObject(failure('client-answer'));
    server.on('GET /v1/epochs/3/pool', octets(concatBytes(...l.pool.devices.map(encodePoolDevice))));
    const wrong = [
      { parameters: { ...epoch.parameters, epochMs: 7 } },
      { parameters: { ...epoch.parameters, epochMs: 'soon' } },
      { trustNodes: epoch.trustNodes.slice(1) },
      { trustNodes: [null] },
      { trustNodes: [{ index: -1, key: toHex(l.pool.root) }] },
      { trustNodes: [{ index: 0, key: 7 }] },
      { assigners: [{ index: 0, server: 0, key: toHex(l.pool.root) }] },
      { assigners: [{ index: 0, key: toHex(l.pool.root) }] },
    ];
    for (const change of wrong) {
      server.on('GET /v1/epochs/3', json({ ...epoch, ...change }));
      expect(await client().getPool(3)).toMatchObject(failure('client-answer'));
    }
  });

  it('a search gives what the server found, and refuses what is no hit', async () => {
    const hit = { kind: 'round', id: '7', path: '/v1/rounds/7' };
    server.on('GET /v1/search', json({ items: [hit] }));
    expect(await client().search('a/b')).toEqual({ ok: true, value: [hit] });
    expect(server.received.at(-1)?.url).toBe('/v1/search?q=a%2Fb');
    server.on('GET /v1/search', json({ items: [hit, { kind: 'round', id: 7 }] }));
    expect(await client().search('x')).toMatchObject(failure('client-answer'));
  });

  it('a block comes with its body', async () => {
    server.on('GET /v1/blocks/0/7', octets(encodeCertifiedBlock(l.block())));
    const block = await client().getCertifiedBlock(0, 7);
    const trust = trustFromGenesis(l.genesis);
    if (!block.ok || !trust.ok) throw new Error('no block');
    expect(verifyBlock(block.value, { ...trust.value, pool: l.pool }).genuine).toBe(true);
  });
});

describe('the live stream', () => {
  const stream =
    (text: string, end: 'end' | 'break' | 'stay'): Answer =>
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(text);
      if (end === 'end') response.end();
      if (end === 'break') setTimeout(() => response.destroy(), 20);
    };
  const event = (n: number) => `id: ${n}\nevent: round\ndata: {"number":${n}}\n\n`;

  it('goes on behind the last event after every loss', async () => {
    server.on(
      'GET /v1/events',
      stream(event(1) + event(2), 'break'),
      problem(503, 'streams-full', 'Full.'),
      stream(`: beat\n\n${event(3)}event: closing\ndata: {}\n\n`, 'end'),
      stream(`${event(4)}data: {"cut`, 'break'),
      stream(event(5), 'stay'),
    );
    const numbers: unknown[] = [];
    const stop = new AbortController();
    for await (const item of client().events({ signal: stop.signal, events: ['round'], account: 7 })) {
      if (!item.ok) throw new Error(item.error.code);
      numbers.push(item.value.id);
      if (item.value.id === '5') stop.abort();
    }
    expect(numbers).toEqual(['1', '2', '3', '4', '5']);
    const asked = server.received.filter(({ url }) => url.startsWith('/v1/events'));
    expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '2', '3', '4']);
    expect(asked[0]!.url).toBe('/v1/events?events=round&account=7');
  });

  it('takes silence for a loss', async () => {
    server.on('GET /v1/events', stream(event(1), 'stay'), stream(event(2), 'stay'));
    const ids: string[] = [];
    for await (const item of client().events({ silenceMs: 50 })) {
      if (item.ok) ids.push(item.value.id);
      if (ids.length === 2) break;
    }
    expect(ids).toEqual(['1', '2']);
  });

  const refusals: readonly [code: string, answer: Answer][] = [
    ['account-not-found', problem(404, 'account-not-found', 'Nobody.')],
    ['client-answer', json({})],
    ['client-answer', stream('data: {nonsense\n\n', 'stay')],
    ['client-event-too-large', stream(`data: "${'x'.repeat(5_000_000)}`, 'stay')],
  ];
  it.each(refusals)('ends with %s (%#)', async (code, answer) => {
    server.on('GET /v1/events', answer);
    const seen: unknown[] = [];
    for await (const item of client().events()) seen.push(item);
    expect(seen).toMatchObject([failure(code)]);
  });
});
