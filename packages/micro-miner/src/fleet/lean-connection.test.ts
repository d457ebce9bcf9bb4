import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectionOwner } from '../connection.js';
import { TestBroker } from '../test-broker.js';
import { until } from '../test-network.js';
import { leanConnector } from './lean-connection.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

class Recorder implements ConnectionOwner {
  readonly messages: string[] = [];
  readonly closings: [string, boolean][] = [];
  isConnected = false;
  connected() {
    this.isConnected = true;
  }
  received(topic: string, payload: Uint8Array) {
    this.messages.push(`${topic}:${Buffer.from(payload).toString('hex')}`);
  }
  closed(reason: string, refused: boolean) {
    this.closings.push([reason, refused]);
  }
}

async function connected(keepaliveSeconds = 60) {
  const opened = await TestBroker.open('hello', '');
  closers.push(opened.close);
  const owner = new Recorder();
  const connector = leanConnector('127.0.0.1', opened.port);
  const connection = connector({ clientId: 'a', username: 'a', keepaliveSeconds }, owner);
  closers.push(() => connection.end());
  await until(() => owner.isConnected);
  return { ...opened, owner, connection };
}

describe('packets', () => {
  it.each([1, 2, 3, 7, 130, 100_000])('come whole when they arrive in pieces of %i bytes', async (chunk) => {
    const { broker, owner } = await connected();
    const payloads = [0, 1, 120, 127, 128, 5000].map((length) => Buffer.alloc(length, length & 0xff));
    for (const payload of payloads) broker.send('t', payload, chunk);
    await until(() => owner.messages.length === payloads.length);
    expect(owner.messages).toEqual(payloads.map((payload) => `t:${payload.toString('hex')}`));
  });

  it.each<[string, number[]]>([
    ['a length of five bytes', [0x30, 0x80, 0x80, 0x80, 0x80, 0x01]],
    ['a packet above the limit', [0x30, 0xff, 0xff, 0xff, 0x7f]],
    ['a packet with forbidden flags', [0x21, 0x02, 0x00, 0x00]],
    ['a topic longer than its packet', [0x30, 0x03, 0xff, 0xff, 0x00]],
  ])('of %s close the connection, and it alone', async (_what, bytes) => {
    const bad = await connected();
    const good = await connected();
    bad.broker.sendRaw(Uint8Array.from(bytes));
    await until(() => bad.owner.closings.length === 1);
    good.broker.send('t', 'x');
    await until(() => good.owner.messages.length === 1);
    expect(bad.owner.messages).toEqual([]);
    expect(good.owner.closings).toEqual([]);
  });
});

it('says whether the login was refused or the peer gone', async () => {
  const { broker, port, owner } = await connected();
  broker.refuseWith = 5;
  const refused = new Recorder();
  leanConnector('127.0.0.1', port)({ clientId: 'b', username: 'b', keepaliveSeconds: 60 }, refused);
  await until(() => refused.closings.length === 1);
  expect(refused.closings).toEqual([['connection refused: 5', true]]);
  broker.cut();
  await until(() => owner.closings.length === 1);
  expect(owner.closings[0]![1]).toBe(false);
});

it('keeps a silent connection alive by pings', async () => {
  const { owner, connection, broker } = await connected(2);
  await new Promise((done) => setTimeout(done, 4500));
  expect(owner.closings).toEqual([]);
  connection.publish('t', Uint8Array.of(1));
  await until(() => broker.published.length === 1);
});

it('closes once, also when nobody listens', async () => {
  const { port, close } = await TestBroker.open('hello', '');
  await close();
  const owner = new Recorder();
  leanConnector('127.0.0.1', port)({ clientId: 'a', username: 'a', keepaliveSeconds: 60 }, owner);
  await until(() => owner.closings.length === 1);
  expect(owner.isConnected).toBe(false);
});
