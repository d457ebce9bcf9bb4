/** One test for each thing a hostile client tries, with real sockets; THREATS "MQTT" and "Device". */
import { connect, createServer, type Socket } from 'node:net';
import { fail, ok } from '@iotw/kernel/result';
import { deviceTopic, helloTopic, networkPrefix } from '@iotw/protocol/device-topics';
import { parseHello } from '@iotw/protocol/hello';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceAccess } from './access.js';
import { DeviceGateway } from './device-gateway.js';
import type { Incident } from './device-transport.js';
import type { TransportLimits } from './limits.js';
import { type TestKey, testKey, testToken } from './test-device.js';
import { RawClient, until } from './test-raw-client.js';

const NETWORK = new Uint8Array(32).fill(7);
const OTHER_NETWORK = new Uint8Array(32).fill(8);
const PREFIX = networkPrefix(NETWORK);
const HELLO = helloTopic(PREFIX);
const TRUST_NODE = 3;
const EPOCH = 5;
const mallory = testKey(666);
const victim = testKey(1);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Bench {
  readonly gateway: DeviceGateway;
  readonly port: number;
  readonly log: Incident[];
  readonly refused: Set<string>;
  /** Everything that reached a handler. */
  readonly heard: string[];
}

async function open(
  limits: Partial<TransportLimits> = {},
  access?: DeviceAccess,
  laneKeys = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
): Promise<Bench> {
  const log: Incident[] = [];
  const heard: string[] = [];
  const refused = new Set<string>();
  const gateway = new DeviceGateway({
    network: NETWORK,
    trustNode: TRUST_NODE,
    epoch: () => EPOCH,
    authorize: (key) =>
      refused.has(Buffer.from(key).toString('hex'))
        ? fail('device-revoked', 'The device is revoked.')
        : ok(true),
    laneKeys: () => laneKeys,
    listen: { tcp: { host: '127.0.0.1', port: 0 } },
    limits,
    log: (incident) => log.push(incident),
    ...(access ? { access } : {}),
  });
  for (const on of ['onResult', 'onTransaction', 'onTelemetry'] as const) {
    gateway[on]((device) => heard.push(`${on} ${device}`));
  }
  const started = await gateway.start();
  if (!started.ok) throw new Error(started.error.code);
  cleanups.push(() => gateway.close());
  return { gateway, port: started.value.tcpPort!, log, refused, heard };
}

async function raw(bench: Bench, version: 4 | 5 = 4): Promise<RawClient> {
  const client = await RawClient.open(bench.port, version);
  cleanups.push(() => client.destroy());
  return client;
}

function credentials(key: TestKey, token = testToken(key, NETWORK, TRUST_NODE, EPOCH)) {
  return { clientId: key.hex, username: key.hex, password: token };
}

/** A logged-in client, subscribed to its assignments. */
async function login(bench: Bench, key: TestKey, version: 4 | 5 = 4): Promise<RawClient> {
  const client = await raw(bench, version);
  client.connect(credentials(key));
  expect((await client.next('connack'))?.[version === 5 ? 'reasonCode' : 'returnCode']).toBe(0);
  subscribe(client, deviceTopic(PREFIX, key.hex, 'assign'));
  await client.next('suback');
  return client;
}

function subscribe(client: RawClient, ...topics: string[]): void {
  client.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: topics.map((topic) => ({ topic, qos: 0 as const })),
  });
}

function publish(
  client: RawClient,
  topic: string,
  fields: { qos?: 0 | 1 | 2; retain?: boolean; payload?: Buffer } = {},
) {
  const { qos = 0, retain = false, payload = Buffer.from('x') } = fields;
  client.send({
    cmd: 'publish',
    topic,
    payload,
    qos,
    retain,
    dup: false,
    ...(qos > 0 ? { messageId: 7 } : {}),
  });
}

function count(bench: Bench, code: string): number {
  return bench.gateway.stats().incidents[code] ?? 0;
}

/** The incident is counted and logged. */
async function counted(bench: Bench, code: string): Promise<void> {
  await until(() => count(bench, code) > 0);
  expect(bench.log.map((incident) => incident.code)).toContain(code);
}

/** A round trip through the victim's own connection: whatever was sent to it before has arrived. */
async function roundTrip(client: RawClient): Promise<void> {
  client.send({ cmd: 'pingreq' });
  await client.next('pingresp');
}

describe('login', () => {
  const wrong: [string, string, number, () => Parameters<RawClient['connect']>[0]][] = [
    [
      'a token for another trust node',
      'mqtt-login-wrong-trust-node',
      4,
      () => credentials(mallory, testToken(mallory, NETWORK, TRUST_NODE + 1, EPOCH)),
    ],
    [
      'a token of another network',
      'mqtt-login-bad-signature',
      4,
      () => credentials(mallory, testToken(mallory, OTHER_NETWORK, TRUST_NODE, EPOCH)),
    ],
    [
      'a token two epochs old',
      'mqtt-login-wrong-epoch',
      4,
      () => credentials(mallory, testToken(mallory, NETWORK, TRUST_NODE, EPOCH - 2)),
    ],
    [
      'a token two epochs ahead',
      'mqtt-login-wrong-epoch',
      4,
      () => credentials(mallory, testToken(mallory, NETWORK, TRUST_NODE, EPOCH + 2)),
    ],
    [
      "another device's token",
      'mqtt-login-bad-signature',
      4,
      () => credentials(mallory, testToken(victim, NETWORK, TRUST_NODE, EPOCH)),
    ],
    ['a token of the wrong length', 'mqtt-login-malformed', 4, () => credentials(mallory, Buffer.alloc(69))],
    [
      'text of the right length that is not base64url',
      'mqtt-login-malformed',
      4,
      () => credentials(mallory, Buffer.from('*'.repeat(94))),
    ],
    ['no password', 'mqtt-login-malformed', 4, () => ({ clientId: mallory.hex, username: mallory.hex })],
    ['nothing at all', 'mqtt-client-id-mismatch', 2, () => ({ clientId: 'x' })],
    [
      "the victim's client id under its own name",
      'mqtt-client-id-mismatch',
      2,
      () => ({
        ...credentials(mallory),
        clientId: victim.hex,
      }),
    ],
    [
      'its key in capitals',
      'mqtt-client-id-mismatch',
      2,
      () => ({
        ...credentials(mallory),
        clientId: mallory.hex.toUpperCase(),
        username: mallory.hex.toUpperCase(),
      }),
    ],
    ['keepalive 0', 'mqtt-keepalive-refused', 5, () => ({ ...credentials(mallory), keepalive: 0 })],
    [
      'a keepalive of 18 hours',
      'mqtt-keepalive-refused',
      5,
      () => ({ ...credentials(mallory), keepalive: 65_535 }),
    ],
  ];
  it.each(wrong)('refuses %s: %s', async (_what, code, returnCode, fields) => {
    const bench = await open();
    const client = await raw(bench);
    client.connect(fields());
    expect((await client.next('connack'))?.returnCode).toBe(returnCode);
    await client.gone();
    await counted(bench, code);
    expect(bench.gateway.stats()).toMatchObject({ sessions: 0, logins: 0 });
    await until(() => bench.gateway.stats().pending === 0);
  });

  it('accepts the token as base64url text', async () => {
    const bench = await open();
    const client = await raw(bench);
    const text = testToken(mallory, NETWORK, TRUST_NODE, EPOCH).toString('base64url');
    client.connect(credentials(mallory, Buffer.from(text)));
    expect((await client.next('connack'))?.returnCode).toBe(0);
  });

  it('refuses a device without a right, with the reason of the registry in the log', async () => {
    const bench = await open();
    bench.refused.add(mallory.hex);
    const client = await raw(bench);
    client.connect(credentials(mallory));
    expect((await client.next('connack'))?.returnCode).toBe(5);
    await counted(bench, 'mqtt-device-refused');
    expect(bench.log[0]).toMatchObject({
      device: mallory.hex,
      detail: 'device-revoked',
      address: '127.0.0.1',
    });
  });

  it('refuses one session too many, and still lets a known device come back', async () => {
    const bench = await open({ maxSessions: 1 });
    await login(bench, victim);
    const second = await raw(bench);
    second.connect(credentials(mallory));
    expect((await second.next('connack'))?.returnCode).toBe(3);
    await counted(bench, 'mqtt-sessions-full');
    await login(bench, victim);
  });

  it('tells an MQTT 5 client its keepalive instead of refusing it', async () => {
    const bench = await open({ maxKeepaliveSeconds: 120 });
    const client = await raw(bench, 5);
    client.connect({ ...credentials(mallory), keepalive: 0 });
    expect(await client.next('connack')).toMatchObject({
      reasonCode: 0,
      properties: { serverKeepAlive: 120 },
    });
  });
});

describe('wills', () => {
  it.each([
    ['an accepted login', credentials(mallory)],
    ['a refused login', credentials(mallory, Buffer.alloc(70))],
    ['a hello reader', { clientId: 'h', username: 'hello' }],
  ])("never publishes a will on another's topic: %s", async (_what, fields) => {
    const bench = await open();
    const target = await login(bench, victim);
    const client = await raw(bench);
    const will = {
      topic: deviceTopic(PREFIX, victim.hex, 'assign'),
      payload: Buffer.from('evil'),
      qos: 1 as const,
      retain: true,
    };
    client.connect({ ...fields, will });
    expect((await client.next('connack'))?.returnCode).toBe(5);
    client.destroy();
    await counted(bench, 'mqtt-will-refused');
    await roundTrip(target);
    const late = await login(bench, victim);
    await roundTrip(late);
    expect(target.received.filter((packet) => packet.cmd === 'publish')).toEqual([]);
    expect(late.received.filter((packet) => packet.cmd === 'publish')).toEqual([]);
  });

  it('never publishes a will of a refused login on its own status topic', async () => {
    const bench = await open();
    const good = await login(bench, mallory);
    subscribe(good, deviceTopic(PREFIX, mallory.hex, 'status'));
    await good.next('suback');
    const client = await raw(bench);
    const will = {
      topic: deviceTopic(PREFIX, mallory.hex, 'status'),
      payload: Buffer.from('down'),
      qos: 0 as const,
      retain: true,
    };
    client.connect({ ...credentials(mallory, Buffer.alloc(70)), will });
    expect((await client.next('connack'))?.returnCode).toBe(4);
    await client.gone();
    await roundTrip(good);
    expect(good.received.filter((packet) => packet.cmd === 'publish')).toEqual([]);
  });

  it('accepts a will on the own status topic', async () => {
    const bench = await open();
    const client = await raw(bench);
    const will = {
      topic: deviceTopic(PREFIX, mallory.hex, 'status'),
      payload: Buffer.alloc(0),
      qos: 0 as const,
      retain: false,
    };
    client.connect({ ...credentials(mallory), will });
    expect((await client.next('connack'))?.returnCode).toBe(0);
  });
});

describe('subscriptions', () => {
  const topics = [
    '#',
    '+/+/+/+/+',
    `${PREFIX}#`,
    `${PREFIX}+/assign`,
    `${PREFIX}${mallory.hex}/#`,
    `${PREFIX}${mallory.hex}/+`,
    deviceTopic(PREFIX, victim.hex, 'assign'),
    deviceTopic(networkPrefix(OTHER_NETWORK), mallory.hex, 'assign'),
    deviceTopic(PREFIX, mallory.hex, 'result'),
    '$SYS/#',
    '$SYS/+/new/clients',
    `$share/group/${PREFIX}${victim.hex}/assign`,
  ];
  it.each(topics)('refuses %s', async (topic) => {
    const bench = await open();
    const target = await login(bench, victim);
    const client = await login(bench, mallory);
    subscribe(client, topic);
    expect((await client.next('suback'))?.granted).toEqual([128]);
    await counted(bench, 'mqtt-subscribe-refused');
    expect(bench.gateway.assign(victim.hex, Uint8Array.of(1))).toBe(true);
    await target.next('publish');
    await roundTrip(client);
    expect(client.received.filter((packet) => packet.cmd === 'publish')).toEqual([]);
  });

  it('disconnects a client that tries too many', async () => {
    const bench = await open({ refusedSubscriptions: 4 });
    const client = await login(bench, mallory);
    subscribe(client, ...Array.from({ length: 50 }, (_, i) => `topic/${i}`));
    await client.gone();
    await counted(bench, 'mqtt-too-many-subscriptions');
    expect(count(bench, 'mqtt-too-many-subscriptions')).toBe(1);
  });

  it('disconnects a client that sends an impossible filter', async () => {
    const bench = await open();
    const client = await login(bench, mallory);
    subscribe(client, `${'a/'.repeat(200)}b`);
    await client.gone();
    await counted(bench, 'mqtt-protocol-error');
  });
});

describe('publications', () => {
  const topics = [
    deviceTopic(PREFIX, victim.hex, 'assign'),
    deviceTopic(PREFIX, victim.hex, 'result'),
    deviceTopic(PREFIX, mallory.hex, 'assign'),
    deviceTopic(networkPrefix(OTHER_NETWORK), mallory.hex, 'result'),
    `${PREFIX}${mallory.hex}/result/x`,
    `${PREFIX}${mallory.hex}`,
    HELLO,
    '$SYS/x/new/clients',
    'x',
  ];
  const cases = topics.flatMap((topic) => [4, 5].map((version) => [topic, version as 4 | 5] as const));
  it.each(cases)('refuses %s (version %i) and disconnects', async (topic, version) => {
    const bench = await open();
    const target = await login(bench, victim);
    const client = await login(bench, mallory, version);
    publish(client, topic, { qos: 1 });
    await client.gone();
    await counted(bench, 'mqtt-publish-refused');
    await roundTrip(target);
    expect(target.received.filter((packet) => packet.cmd === 'publish')).toEqual([]);
    expect(bench.heard).toEqual([]);
    if (version === 5) expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x87 });
  });

  it('refuses a retained message, and keeps none', async () => {
    const bench = await open();
    const client = await login(bench, mallory);
    publish(client, deviceTopic(PREFIX, mallory.hex, 'status'), { retain: true });
    await client.gone();
    await counted(bench, 'mqtt-retain-refused');
    const again = await login(bench, mallory);
    subscribe(again, deviceTopic(PREFIX, mallory.hex, 'status'));
    await again.next('suback');
    await roundTrip(again);
    expect(again.received.filter((packet) => packet.cmd === 'publish')).toEqual([]);
  });

  it('refuses a QoS 2 flood at its first packet', async () => {
    const bench = await open();
    const client = await login(bench, mallory);
    for (let i = 0; i < 100; i++) publish(client, deviceTopic(PREFIX, mallory.hex, 'result'), { qos: 2 });
    await client.gone();
    await counted(bench, 'mqtt-qos-refused');
    expect(bench.heard).toEqual([]);
  });

  it('an empty access list refuses everything', async () => {
    const bench = await open({}, { publish: new Set(), subscribe: new Set() });
    const client = await raw(bench);
    client.connect(credentials(mallory));
    await client.next('connack');
    subscribe(client, deviceTopic(PREFIX, mallory.hex, 'assign'));
    expect((await client.next('suback'))?.granted).toEqual([128]);
    expect(bench.gateway.connected(mallory.hex)).toBe(false);
    publish(client, deviceTopic(PREFIX, mallory.hex, 'result'));
    await client.gone();
    await counted(bench, 'mqtt-publish-refused');
    expect(bench.heard).toEqual([]);
  });

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

describe('take-over', () => {
  it('only the same key can take a session over, and the old one is closed', async () => {
    const bench = await open();
    const presence: string[] = [];
    bench.gateway.onPresenceChange((_device, now) => presence.push(now));
    const first = await login(bench, victim);
    for (const fields of [
      { ...credentials(mallory), clientId: victim.hex },
      credentials(victim, testToken(mallory, NETWORK, TRUST_NODE, EPOCH)),
      { clientId: victim.hex, username: 'hello' },
    ]) {
      const thief = await raw(bench);
      thief.connect(fields);
      await thief.next('connack');
      thief.destroy();
    }
    await roundTrip(first);
    expect(bench.gateway.connected(victim.hex)).toBe(true);
    const second = await login(bench, victim);
    await first.gone();
    await counted(bench, 'mqtt-session-replaced');
    expect(bench.gateway.stats()).toMatchObject({ sessions: 1, present: 1 });
    expect(presence).toEqual(['up', 'down', 'up']);
    expect(bench.gateway.assign(victim.hex, Uint8Array.of(1))).toBe(true);
    expect((await second.next('publish'))?.payload).toEqual(Buffer.of(1));
  });

  it('survives a storm of take-overs with one session left', async () => {
    const bench = await open();
    const storm = await Promise.all(Array.from({ length: 20 }, () => raw(bench)));
    for (const client of storm) client.connect(credentials(victim));
    await until(() => storm.filter((client) => client.closed).length === 19);
    const last = storm.find((client) => !client.closed)!;
    subscribe(last, deviceTopic(PREFIX, victim.hex, 'assign'));
    await last.next('suback');
    expect(bench.gateway.stats()).toMatchObject({ sessions: 1, present: 1 });
    last.destroy();
    await until(() => bench.gateway.stats().sessions === 0);
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

describe('hello', () => {
  it('tells network, trust node, epoch and lane keys, and ends', async () => {
    const bench = await open({ helloLifetimeMs: 300 });
    const client = await raw(bench);
    client.connect({ clientId: 'anything', username: 'hello' });
    await client.next('connack');
    subscribe(client, HELLO);
    const message = await client.next('publish');
    expect(message).toMatchObject({ topic: HELLO, retain: true });
    const hello = parseHello(message!.payload as Buffer);
    expect(hello).toMatchObject({
      ok: true,
      value: { protocolVersion: 1, network: NETWORK, trustNode: TRUST_NODE, epoch: EPOCH },
    });
    expect(hello.ok && hello.value.laneKeys).toHaveLength(2);
    await client.gone();
    await counted(bench, 'mqtt-hello-expired');
  });

  it.each([
    ['publish', (client: RawClient) => publish(client, HELLO), 'mqtt-publish-refused'],
    [
      'subscribe elsewhere',
      (client: RawClient) => subscribe(client, deviceTopic(PREFIX, victim.hex, 'assign')),
      'mqtt-subscribe-refused',
    ],
  ])('may not %s', async (_what, act, code) => {
    const bench = await open({ helloLifetimeMs: 300 });
    const client = await raw(bench);
    client.connect({ clientId: victim.hex, username: 'hello' });
    await client.next('connack');
    act(client);
    await client.gone();
    await counted(bench, code);
  });

  it.each([
    ['at once', { maxHello: 1 }],
    ['a second', { helloBurst: 1, helloPerSecond: 0.001 }],
  ])('bounds the readers %s', async (_what, limits) => {
    const bench = await open(limits);
    const first = await raw(bench);
    first.connect({ clientId: 'a', username: 'hello' });
    expect((await first.next('connack'))?.returnCode).toBe(0);
    const second = await raw(bench);
    second.connect({ clientId: 'b', username: 'hello' });
    expect((await second.next('connack'))?.returnCode).toBe(3);
    await counted(bench, 'mqtt-hello-rate');
  });
});

describe('start', () => {
  it('says which port is taken, and leaves no door half open', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => blocker.once('listening', done));
    cleanups.push(() => blocker.close());
    const { port } = blocker.address() as { port: number };
    const gateway = new DeviceGateway({
      network: NETWORK,
      trustNode: TRUST_NODE,
      epoch: () => EPOCH,
      authorize: () => ok(true),
      laneKeys: () => [],
      listen: { tcp: { host: '127.0.0.1', port: 0 }, ws: { host: '127.0.0.1', port } },
    });
    expect(await gateway.start()).toMatchObject({
      ok: false,
      error: { code: 'mqtt-port-taken', data: { port } },
    });
  });
});
