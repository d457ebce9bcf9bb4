import { connect } from 'node:net';
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { concatBytes, toHex, writeU32 } from '@iotw/kernel/bytes';
import { publicKey } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { encodeAddress } from '@iotw/protocol/address';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_BATCH_BYTES, MAX_JSON_BYTES } from './limits.js';
import { type ApiServer, startApi } from './server.js';
import { TestNode } from './test-node.js';
import { startedApi } from './test-server.js';

const node = new TestNode();
const { t } = node;
let api: ApiServer;

beforeAll(async () => {
  api = await startedApi({ backend: node });
});
afterAll(() => api.close());

async function refused(response: Response, status: number, code: string) {
  const body = JSON.parse(await response.text());
  expect(body).toMatchObject({ status, code, type: `urn:iotw:problem:${code}` });
  expect(body.detail.length).toBeGreaterThan(20);
  expect(body.instance).toMatch(/^\//);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
}

const foreign = encodeAddress('iotw', 0, publicKey('alice'));
const none = '00'.repeat(32);

describe('every route refuses what is not there or not well formed', () => {
  it.each<[string, number, string]>([
    ['/v1/nothing', 404, 'route-unknown'],
    ['/v1/transactions?limit=0', 400, 'request-invalid'],
    [`/v1/transactions/${none}`, 404, 'transaction-not-found'],
    ['/v1/transactions/xyz', 400, 'request-invalid'],
    [`/v1/transactions/${none}/receipt`, 404, 'transaction-not-found'],
    ['/v1/transactions/xyz/receipt', 400, 'request-invalid'],
    [`/v1/accounts/${none}`, 404, 'account-not-found'],
    ['/v1/accounts/4294967295', 404, 'account-not-found'],
    [`/v1/accounts/${foreign}`, 400, 'address-wrong-network'],
    ['/v1/accounts/tiotw1qqqq', 400, 'address-checksum'],
    ['/v1/accounts/ALICE', 400, 'address-case'],
    [`/v1/accounts/${'a'.repeat(100)}`, 400, 'address-length'],
    [`/v1/accounts/${'a'.repeat(200)}`, 400, 'request-invalid'],
    ['/v1/accounts/0/transactions?cursor=abc', 400, 'cursor-invalid'],
    ['/v1/accounts/0/transactions?limit=0', 400, 'request-invalid'],
    ['/v1/accounts/0/transactions?limit=100000', 400, 'request-invalid'],
    [`/v1/accounts/${none}/transactions`, 404, 'account-not-found'],
    ['/v1/blocks/0/99', 404, 'block-not-found'],
    ['/v1/blocks/9/1', 404, 'lane-unknown'],
    ['/v1/blocks/0/9007199254740991', 404, 'block-not-found'],
    ['/v1/blocks/a/b', 400, 'request-invalid'],
    [`/v1/blocks/${none}`, 404, 'block-not-found'],
    ['/v1/blocks/xyz', 400, 'request-invalid'],
    ['/v1/rounds/99', 404, 'round-not-found'],
    ['/v1/rounds/0', 404, 'round-not-found'],
    ['/v1/rounds/-1', 400, 'request-invalid'],
    ['/v1/rounds?cursor=%00', 400, 'cursor-invalid'],
    ['/v1/lanes/7', 404, 'lane-unknown'],
    ['/v1/lanes/x', 400, 'request-invalid'],
    ['/v1/devices/99', 404, 'device-unknown'],
    [`/v1/devices/${none}`, 404, 'device-unknown'],
    ['/v1/devices/x', 404, 'device-unknown'],
    ['/v1/devices?owner=nobody', 400, 'address-checksum'],
    ['/v1/devices?maker=70000', 400, 'request-invalid'],
    ['/v1/devices/99/why', 404, 'device-unknown'],
    ['/v1/devices/0/why?epoch=0', 409, 'epoch-not-ended'],
    ['/v1/devices/0/why?epoch=x', 400, 'request-invalid'],
    ['/v1/makers?cursor=x', 400, 'cursor-invalid'],
    ['/v1/epochs/99', 404, 'epoch-not-found'],
    ['/v1/proposals/0', 404, 'proposal-unknown'],
    ['/v1/proposals?cursor=eA', 400, 'cursor-invalid'],
    ['/v1/epochs/x', 400, 'request-invalid'],
    ['/v1/epochs/99/pool', 404, 'epoch-not-found'],
    ['/v1/epochs/0/pool?cursor=x', 400, 'cursor-invalid'],
    ['/v1/epochs?cursor=x', 400, 'cursor-invalid'],
    ['/v1/elections/0/99', 404, 'block-not-found'],
    ['/v1/elections/9/1', 404, 'lane-unknown'],
    ['/v1/rewards?epoch=5', 409, 'epoch-not-ended'],
    ['/v1/rewards?epoch=-1', 400, 'request-invalid'],
    ['/v1/search', 400, 'request-invalid'],
    ['/v1/events?events=everything', 400, 'request-invalid'],
    ['/v1/events?events=transaction', 400, 'request-invalid'],
    ['/v1/events?account=nobody', 400, 'address-checksum'],
    ['/v1/events?after=x', 400, 'request-invalid'],
    ['/v1/stream', 426, 'upgrade-required'],
    ['/%', 400, 'request-invalid'],
  ])('%s: %i %s', async (path, status, code) => {
    await refused(await fetch(api.url + path), status, code);
  });
});

const post = (path: string, body: string | Uint8Array, type = 'application/json') =>
  fetch(api.url + path, { method: 'POST', headers: { 'content-type': type }, body });

describe('hostile transactions', () => {
  const good = () => t.transaction('alice', [transferOp(1, 1)]);

  it.each<[string, () => string, number, string]>([
    ['no JSON', () => '{', 400, 'request-json'],
    ['an empty body', () => '', 400, 'request-json'],
    ['a list', () => '[]', 400, 'request-invalid'],
    ['null', () => 'null', 400, 'request-invalid'],
    ['no fields', () => '{}', 400, 'request-invalid'],
    ['a prototype', () => '{"__proto__":{"envelope":"00"}}', 400, 'request-json'],
    ['an envelope that is no hex', () => '{"envelope":"zz"}', 400, 'transaction-json'],
    ['an empty envelope', () => '{"envelope":""}', 400, 'transaction-malformed'],
    [
      'a short envelope',
      () => `{"envelope":"${toHex(good().envelope.subarray(0, 90))}"}`,
      400,
      'transaction-malformed',
    ],
    ['a field too much', () => '{"transaction":{"x":1},"signature":"00"}', 400, 'transaction-json'],
    ['a wait nobody knows', () => `{"envelope":"${toHex(good().envelope)}"}`, 400, 'request-invalid'],
    [
      'a wrong signature',
      () => {
        const { envelope } = good();
        envelope[5]! ^= 1;
        return `{"envelope":"${toHex(envelope)}"}`;
      },
      422,
      'signature-invalid',
    ],
    [
      'a transaction of another network',
      () => {
        const other = new TestNode({ genesis: { rewardPool: 1 } });
        return `{"envelope":"${toHex(other.t.transaction('alice', [transferOp(1, 1)]).envelope)}"}`;
      },
      422,
      'signature-invalid',
    ],
  ])('%s', async (what, body, status, code) => {
    const path =
      what === 'a wait nobody knows' ? '/v1/transactions?wait=ever' : '/v1/transactions?wait=certified';
    await refused(await post(path, body()), status, code);
  });

  it('a body that is too large, announced or not, and one of another type', async () => {
    await refused(
      await post('/v1/transactions', `{"envelope":"${'0'.repeat(MAX_JSON_BYTES)}"}`),
      413,
      'request-too-large',
    );
    await refused(
      await post('/v1/transactions/batch', new Uint8Array(MAX_BATCH_BYTES + 1), 'application/octet-stream'),
      413,
      'request-too-large',
    );
    const chunk = new Uint8Array(1 << 20);
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        if (++sent > 6) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const streamed = await fetch(`${api.url}/v1/transactions/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: endless,
      duplex: 'half',
    } as RequestInit);
    await refused(streamed, 413, 'request-too-large');
    await refused(await post('/v1/transactions', '<x/>', 'application/xml'), 415, 'content-type-unsupported');
    await refused(await post('/v1/transactions/batch', '{}'), 400, 'request-invalid');
  });

  const length = (n: number) => {
    const bytes = new Uint8Array(4);
    writeU32(bytes, 0, n);
    return bytes;
  };
  it.each<[string, () => Uint8Array]>([
    ['nothing', () => new Uint8Array(0)],
    ['half a length', () => Uint8Array.of(1, 0)],
    ['a length of zero', () => length(0)],
    ['a length beyond the body', () => concatBytes(length(100), new Uint8Array(99))],
    ['a length beyond every limit', () => length(0xffff_ffff)],
    [
      'too many',
      () => concatBytes(...Array.from({ length: 16_385 }, () => concatBytes(length(1), new Uint8Array(1)))),
    ],
  ])('a batch of %s', async (_what, body) => {
    await refused(
      await post('/v1/transactions/batch', body(), 'application/octet-stream'),
      400,
      'batch-malformed',
    );
  });

  it('random bytes in a batch are refused one by one, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 20 }),
        async (list) => {
          const body = concatBytes(...list.flatMap((bytes) => [length(bytes.length), bytes]));
          const response = await post('/v1/transactions/batch?wait=final', body, 'application/octet-stream');
          const { results } = JSON.parse(await response.text());
          expect(results.map((r: { code: string }) => r.code)).toEqual(
            list.map(() => 'transaction-malformed'),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  it('random JSON is refused, never an internal error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        const response = await post('/v1/transactions', body);
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
        expect(JSON.parse(await response.text()).code).toMatch(/^[a-z-]+$/);
      }),
      { numRuns: 50 },
    );
  });

  it('a full node says so and when to come again', async () => {
    node.full = true;
    const response = await post('/v1/transactions', `{"envelope":"${toHex(good().envelope)}"}`);
    expect(response.headers.get('retry-after')).toBe('1');
    await refused(response, 503, 'intake-full');
    await refused(
      await post(
        '/v1/transactions/batch',
        concatBytes(length(1), new Uint8Array(1)),
        'application/octet-stream',
      ),
      503,
      'intake-full',
    );
    node.full = false;
  });

  it('no faucet where none was set up; no money to an address of another network', async () => {
    await refused(await post('/v1/faucet', JSON.stringify({ to: foreign })), 404, 'faucet-off');
    await refused(await post('/v1/faucet', '{}'), 400, 'request-invalid');
  });
});

describe('hostile connections', () => {
  it('bytes that are no HTTP are answered in our form', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(api.port, '127.0.0.1', () => socket.write('\x16\x03\x01 garbage\r\n\r\n'));
      let text = '';
      socket.on('data', (data) => {
        text += data.toString();
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toContain('400 Bad Request');
    expect(answer).toContain('"code":"request-malformed"');
  });

  it('a port that is taken: a code and a sentence', async () => {
    const second = await startApi({
      backend: node,
      listen: { host: '127.0.0.1', port: api.port },
      indexStore: openMemoryStore(),
    });
    expect(second).toMatchObject({ ok: false, error: { code: 'api-port-taken', data: { port: api.port } } });
    expect(!second.ok && second.error.message).toContain('set another API port');
  });

  it('an address that is not of this machine', async () => {
    const second = await startApi({
      backend: node,
      listen: { host: '192.0.2.1', port: 0 },
      indexStore: openMemoryStore(),
    });
    expect(second).toMatchObject({ ok: false, error: { code: 'api-listen-failed' } });
  });

  it('too many requests from one address', async () => {
    const limited = await startedApi({ backend: node, requestsPerMinute: { most: 3, loopback: true } });
    for (let i = 0; i < 3; i++) expect((await fetch(`${limited.url}/healthz`)).status).toBe(200);
    await refused(await fetch(`${limited.url}/healthz`), 429, 'rate-limited');
    await limited.close();
  });
});
