/** Sockets that say nothing, garbage, floods, and readers that do not read; THREATS "MQTT". */
import { connect, type Socket } from 'node:net';
import { deviceTopic } from '@iotw/protocol/device-topics';
import { describe, expect, it } from 'vitest';
import {
  cleanups,
  count,
  counted,
  credentials,
  HELLO,
  login,
  mallory,
  open,
  PREFIX,
  publish,
  raw,
  subscribe,
  victim,
} from './test-hostile-bench.js';
import { until } from './test-raw-client.js';

describe('rates', () => {
  it('passes on duplicate answers only up to the rate of a device, then disconnects', async () => {
    const bench = await open({ messagesPerSecond: 1, messageBurst: 20, excessBeforeClose: 30 });
    const client = await login(bench, mallory);
    for (let i = 0; i < 200; i++) publish(client, deviceTopic(PREFIX, mallory.hex, 'result'));
    await client.gone();
    await counted(bench, 'mqtt-rate-exceeded');
    expect(bench.heard.length).toBeLessThanOrEqual(21);
    expect(bench.log.length).toBeLessThan(30);
  });

  it('counts pings as messages', async () => {
    const bench = await open({ messagesPerSecond: 1, messageBurst: 10, excessBeforeClose: 10 });
    const client = await login(bench, mallory);
    for (let i = 0; i < 100; i++) client.send({ cmd: 'pingreq' });
    await client.gone();
    await counted(bench, 'mqtt-rate-exceeded');
  });

  it('disconnects a client that sends more bytes than its share, whatever the packets are', async () => {
    const bench = await open({ bytesPerSecond: 1000 });
    const client = await login(bench, mallory);
    for (let i = 0; i < 5000; i++) client.send({ cmd: 'puback', messageId: 1 });
    await client.gone();
    await counted(bench, 'mqtt-rate-exceeded');
  });
});

describe('packets', () => {
  it.each([
    ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'mqtt-not-connect'],
    ['a packet before CONNECT', Buffer.from([0x30, 3, 0, 1, 97]), 'mqtt-not-connect'],
    ['an endless length', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f]), 'mqtt-not-connect'],
    ['a CONNECT of 256 MB', Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), 'mqtt-connect-too-large'],
    ['a CONNECT that is none', Buffer.from([0x10, 4, 1, 2, 3, 4]), 'mqtt-protocol-error'],
  ])('closes on %s before login', async (_what, bytes, code) => {
    const bench = await open();
    const client = await raw(bench);
    client.socket.write(bytes);
    await client.gone();
    await counted(bench, code);
    await until(() => bench.gateway.stats().pending === 0);
  });

  it.each([
    ['garbage', Buffer.from([0x00, 3, 1, 2, 3]), 'mqtt-protocol-error'],
    [
      'a second CONNECT',
      Buffer.from([0x10, 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 0]),
      'mqtt-protocol-error',
    ],
    [
      'a header that announces 200 MB',
      Buffer.from([0x30, 0x80, 0x80, 0x80, 0x64, 1]),
      'mqtt-packet-too-large',
    ],
  ])('closes on %s after login', async (_what, bytes, code) => {
    const bench = await open();
    const client = await login(bench, mallory);
    client.socket.write(bytes);
    await client.gone();
    await counted(bench, code);
    expect(bench.gateway.connected(mallory.hex)).toBe(false);
  });

  it('closes on a message just above the limit and takes one just below', async () => {
    const bench = await open({ maxPacketBytes: 1000 });
    const client = await login(bench, mallory);
    publish(client, deviceTopic(PREFIX, mallory.hex, 'tx'), { payload: Buffer.alloc(800) });
    await until(() => bench.heard.length === 1);
    publish(client, deviceTopic(PREFIX, mallory.hex, 'tx'), { payload: Buffer.alloc(1000) });
    await client.gone();
    await counted(bench, 'mqtt-packet-too-large');
    expect(bench.heard.length).toBe(1);
  });

  it('takes a CONNECT that comes byte by byte', async () => {
    const bench = await open();
    const socket: Socket = connect({ port: bench.port, host: '127.0.0.1', noDelay: true });
    cleanups.push(() => socket.destroy());
    const { generate } = await import('mqtt-packet');
    const bytes = generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      ...credentials(mallory),
    });
    const answer = new Promise<Buffer>((done) => socket.once('data', done));
    for (const byte of bytes) {
      socket.write(Uint8Array.of(byte));
      await new Promise((done) => setImmediate(done));
    }
    expect([...(await answer)]).toEqual([0x20, 2, 0, 0]);
  });
});

describe('sockets before login', () => {
  it('closes a socket that says nothing, and one that stops in the middle', async () => {
    const bench = await open({ connectTimeoutMs: 100 });
    const silent = await raw(bench);
    const half = await raw(bench);
    half.socket.write(Buffer.from([0x10, 100, 0, 4]));
    await silent.gone();
    await half.gone();
    expect(count(bench, 'mqtt-connect-timeout')).toBe(2);
    await until(() => bench.gateway.stats().pending === 0);
  });

  it('bounds how many wait at once', async () => {
    const bench = await open({ maxPending: 3 });
    const waiting = await Promise.all([raw(bench), raw(bench), raw(bench)]);
    await until(() => bench.gateway.stats().pending === 3);
    const late = await raw(bench);
    await late.gone();
    await counted(bench, 'mqtt-pending-full');
    waiting[0]!.destroy();
    await until(() => bench.gateway.stats().pending === 2);
    await login(bench, victim);
  });

  it('bounds how many wait from one address', async () => {
    const bench = await open({ maxPendingPerAddress: 1 });
    await raw(bench);
    await until(() => bench.gateway.stats().pending === 1);
    await (await raw(bench)).gone();
    await counted(bench, 'mqtt-pending-full');
  });

  it('bounds how fast an address may come', async () => {
    const bench = await open({ acceptPerSecond: 0.001, acceptBurst: 2 });
    await login(bench, victim);
    await login(bench, mallory);
    await (await raw(bench)).gone();
    await counted(bench, 'mqtt-accept-rate');
    expect(bench.gateway.stats().sessions).toBe(2);
  });
});

describe('slow readers', () => {
  it('disconnects a device that never reads, and nobody else waits for it', async () => {
    const bench = await open({ drainTimeoutMs: 300, maxQueuedBytes: 256 * 1024 * 1024 });
    const slow = await login(bench, mallory);
    const good = await login(bench, victim);
    slow.socket.pause();
    const chunk = new Uint8Array(262_144);
    for (let i = 0; i < 500 && bench.gateway.connected(mallory.hex); i++) {
      bench.gateway.assign(mallory.hex, chunk);
      bench.gateway.assign(victim.hex, Uint8Array.of(1));
      await good.next('publish');
      await new Promise((done) => setTimeout(done, 10));
    }
    expect(bench.gateway.connected(mallory.hex)).toBe(false);
    await counted(bench, 'mqtt-slow-subscriber');
    expect(bench.gateway.connected(victim.hex)).toBe(true);
    expect(bench.gateway.assign(mallory.hex, chunk)).toBe(false);
  });

  it('disconnects at once when too much waits', async () => {
    const bench = await open({ drainTimeoutMs: 60_000, maxQueuedBytes: 1_000_000 });
    const slow = await login(bench, mallory);
    slow.socket.pause();
    const chunk = new Uint8Array(1_000_000);
    let sent = 0;
    while (sent < 100 && bench.gateway.assign(mallory.hex, chunk)) {
      sent += 1;
      await new Promise((done) => setImmediate(done));
    }
    await counted(bench, 'mqtt-slow-subscriber');
    expect(sent).toBeLessThan(40);
  });

  it('disconnects a device that asks and never reads the answers', async () => {
    const laneKeys = Array.from({ length: 4000 }, () => new Uint8Array(32));
    const bench = await open({ drainTimeoutMs: 200 }, undefined, laneKeys);
    const client = await login(bench, mallory);
    client.socket.pause();
    for (let i = 0; i < 200; i++) subscribe(client, HELLO);
    await until(() => bench.gateway.stats().sessions === 0);
    await counted(bench, 'mqtt-slow-subscriber');
  });

  it('disconnects a device that falls silent for one and a half keepalives', async () => {
    const bench = await open();
    const client = await raw(bench);
    client.connect({ ...credentials(mallory), keepalive: 1 });
    await client.gone();
    await counted(bench, 'mqtt-keepalive-timeout');
  });
});
