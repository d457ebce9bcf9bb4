import { Duplex } from 'node:stream';
import { concatBytes, readU32, toHex, utf8, writeU32 } from '@iotw/kernel/bytes';
import { transferOp } from '@iotw/ledger/test-operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { STREAM_BUFFER_BYTES, STREAM_SUBMITS } from './limits.js';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { startedApi } from './test-server.js';

const node = new TestNode();
const { t } = node;
let api: ApiServer;

beforeAll(async () => {
  api = await startedApi({ backend: node, streamStallMs: 300 });
});
afterAll(() => api.close());

const pay = (amount = 1) => t.transaction('alice', [transferOp(t.account('bob'), amount)]);

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads events until there are `count`, then hangs up. */
async function events(query: string, count: number, headers: Record<string, string> = {}, act = () => {}) {
  const abort = new AbortController();
  const response = await fetch(`${api.url}/v1/events${query}`, { headers, signal: abort.signal });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  expect(response.headers.get('content-security-policy')).toBeTruthy();
  act();
  const found: Event[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
      if (fields.has('data')) {
        found.push({
          id: fields.get('id')!,
          event: fields.get('event')!,
          data: JSON.parse(fields.get('data')!),
        });
      }
    }
    if (found.length >= count) break;
  }
  abort.abort();
  return found;
}

describe('Server-Sent Events', () => {
  it('tells of what comes: rounds and epochs by default', async () => {
    const found = await events('', 3, {}, () => {
      node.send(0, pay());
      node.endEpoch();
    });
    expect(found.map((e) => [e.event, e.id])).toEqual([
      ['round', '1'],
      ['epoch', '2:0'],
      ['round', '2'],
    ]);
    expect(found[0]!.data).toMatchObject({ number: 1, transactions: 1, failed: 0, blockList: [[0, 1, 1]] });
    expect(found[1]!.data).toMatchObject({ epoch: 1, round: 2 });
  });

  it('goes on behind Last-Event-ID from the stored rounds, nothing twice, nothing lost', async () => {
    const other = t.transaction('bob', [transferOp(t.account('carol'), 1)]);
    node.send(0, pay(), other, pay(2));
    node.send(1, pay(3));
    const all = await events('?account=0&events=transaction,round&after=2', 5);
    expect(all.map((e) => e.id)).toEqual(['3:0', '3:2', '3', '4:0', '4']);
    for (let i = 0; i < all.length - 1; i++) {
      const rest = await events('?account=0&events=transaction,round', all.length - 1 - i, {
        'last-event-id': all[i]!.id,
      });
      expect(rest).toEqual(all.slice(i + 1));
    }
    const fromTheStart = await events('?after=0', 5);
    expect(fromTheStart.map((e) => e.id)).toEqual(['1', '2:0', '2', '3', '4']);
  });

  it('an id of the future is not waited for', async () => {
    const found = await events('', 1, { 'last-event-id': '900' }, () => node.send(0, pay()));
    expect(found[0]!.id).toBe(String(t.ledger.round));
  });
});

/** A client's connection that asks and then takes nothing: what a kernel would buffer for it is left out. */
class DeafConnection extends Duplex {
  readonly remoteAddress = '127.0.0.1';

  constructor(request: string, then: Uint8Array = new Uint8Array(0)) {
    super({ read: () => undefined, write: () => undefined });
    this.push(request.replaceAll('\n', '\r\n'));
    this.push(then);
  }
}

/** A client's text frame; its mask is all zeros. */
function textFrame(text: string): Uint8Array {
  return concatBytes(Uint8Array.of(0x81, 0x80 | text.length, 0, 0, 0, 0), utf8(text));
}

describe('a client that does not read', () => {
  beforeAll(async () => {
    // Several times what may wait for one client; in turns, so that the server never seems overloaded.
    const roundBytes = 200;
    for (let wrote = 0; wrote < 4 * STREAM_BUFFER_BYTES; wrote += roundBytes) {
      node.apply([]);
      if (wrote % (64 * roundBytes) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it.each([
    ['of events', () => new DeafConnection('GET /v1/events?after=0 HTTP/1.1\nhost: x\n\n')],
    [
      'of a WebSocket',
      () =>
        new DeafConnection(
          'GET /v1/stream HTTP/1.1\nhost: x\nconnection: upgrade\nupgrade: websocket\nsec-websocket-version: 13\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\n\n',
          textFrame('{"type":"subscribe","after":"0"}'),
        ),
    ],
  ])('%s is dropped, and its backlog never grows', async (_what, connect) => {
    const droppedBefore = await dropped();
    const connection = connect();
    connection.on('error', () => undefined);
    const closed = new Promise((resolve) => connection.once('close', resolve));
    api.app.server.emit('connection', connection);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, connection.writableLength);
    }, 1);
    await closed;
    clearInterval(watch);
    expect(await dropped()).toBe(droppedBefore + 1);
    expect(most).toBeGreaterThan(STREAM_BUFFER_BYTES);
    expect(most).toBeLessThan(STREAM_BUFFER_BYTES + 16 * 1024);
  });
});

async function dropped(): Promise<number> {
  const text = await (await fetch(`${api.url}/metrics`)).text();
  return Number(/dropped_total\{reason="stream-slow-client"\} (\d+)/.exec(text)?.[1] ?? 0);
}

/** A WebSocket with its messages in a queue. */
async function open(query = '') {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/v1/stream${query}`);
  const messages: (string | Uint8Array)[] = [];
  let wake = () => {};
  socket.on('message', (data: Buffer, binary: boolean) => {
    messages.push(binary ? new Uint8Array(data) : data.toString());
    wake();
  });
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  const next = async () => {
    while (messages.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return messages.shift()!;
  };
  return {
    socket,
    next,
    say: (message: unknown) => socket.send(JSON.stringify(message)),
    hear: async () => JSON.parse((await next()) as string) as Record<string, unknown>,
  };
}

describe('the WebSocket', () => {
  it('subscribes, resumes and unsubscribes', async () => {
    const { socket, say, hear } = await open();
    const latest = t.ledger.round;
    say({ type: 'subscribe', after: String(latest - 1) });
    expect(await hear()).toEqual({ type: 'subscribed', round: latest });
    expect(await hear()).toMatchObject({ type: 'round', id: String(latest) });
    node.send(0, pay());
    expect(await hear()).toMatchObject({ type: 'round', id: String(latest + 1), data: { transactions: 1 } });
    say({ type: 'subscribe', account: '0' });
    expect(await hear()).toMatchObject({ type: 'subscribed' });
    node.send(0, pay());
    expect(await hear()).toMatchObject({ type: 'transaction', id: `${latest + 2}:0`, data: { code: 'ok' } });
    say({ type: 'unsubscribe' });
    say({ type: 'ping' });
    expect(await hear()).toEqual({ type: 'pong' });
    node.send(0, pay());
    say({ type: 'ping' });
    expect(await hear()).toEqual({ type: 'pong' });
    socket.terminate();
  });

  it('takes transactions, one as JSON and many as a frame', async () => {
    const { socket, say, hear, next } = await open('?wait=final');
    const one = pay();
    say({ type: 'submit', ref: 'a', wait: 'final', envelope: toHex(one.envelope) });
    expect(await hear()).toMatchObject({ type: 'submitted', ref: 'a', id: toHex(one.id), status: 'final' });
    const two = pay(9);
    const head = new Uint8Array(8);
    writeU32(head, 0, 77);
    writeU32(head, 4, two.envelope.length);
    socket.send(concatBytes(head, two.envelope));
    const answer = (await next()) as Uint8Array;
    expect([readU32(answer, 0), readU32(answer, 4), answer[8], answer[9]]).toEqual([77, 1, 0, 0]);
    expect(answer.subarray(10)).toEqual(two.id);
    socket.terminate();
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{', 'stream-message'],
    ['no object', '3', 'stream-message'],
    ['an unknown type', { type: 'shout' }, 'stream-message'],
    ['an unknown event', { type: 'subscribe', events: ['all'] }, 'stream-message'],
    ['transactions of nobody', { type: 'subscribe', events: ['transaction'] }, 'request-invalid'],
    ['an unknown account', { type: 'subscribe', account: '4294967295' }, 'account-not-found'],
    ['a wrong event id', { type: 'subscribe', after: 'x' }, 'request-invalid'],
    ['no transaction', { type: 'submit', ref: 5 }, 'transaction-json'],
    ['a broken envelope', { type: 'submit', ref: 5, envelope: '00' }, 'transaction-malformed'],
    ['a binary frame cut short', Uint8Array.of(1), 'batch-malformed'],
    ['a binary frame without a batch', Uint8Array.of(1, 0, 0, 0), 'batch-malformed'],
    ['text that is no UTF-8', Buffer.from('"\\ud800"'), 'batch-malformed'],
  ])('refuses %s and goes on', async (_what, message, code) => {
    const { socket, say, hear } = await open();
    if (typeof message === 'string' || message instanceof Uint8Array) socket.send(message);
    else say(message);
    expect(await hear()).toMatchObject({ type: 'error', code });
    say({ type: 'ping' });
    expect(await hear()).toEqual({ type: 'pong' });
    socket.terminate();
  });

  it('holds at most so many submissions of one client', async () => {
    node.held = [];
    const { socket, say, hear } = await open();
    const all = Array.from({ length: STREAM_SUBMITS + 1 }, (_, i) => pay(i + 1));
    for (const [ref, { envelope }] of all.entries())
      say({ type: 'submit', ref, wait: 'final', envelope: toHex(envelope) });
    expect(await hear()).toMatchObject({ type: 'error', ref: STREAM_SUBMITS, code: 'submits-in-flight' });
    node.release();
    const refs = new Set<unknown>();
    for (let i = 0; i < STREAM_SUBMITS; i++) refs.add((await hear()).ref);
    expect(refs.size).toBe(STREAM_SUBMITS);
    socket.terminate();
  });
});
