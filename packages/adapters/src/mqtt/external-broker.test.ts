import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ok } from '@iotw/kernel/result';
import { deviceTopic, helloTopic, networkPrefix } from '@iotw/protocol/device-topics';
import { parseHello } from '@iotw/protocol/hello';
import { Aedes, type AuthenticateError } from 'aedes';
import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { freePorts } from '../free-ports.js';
import { describeDeviceTransport } from './conformance.js';
import type { TransportOptions } from './device-transport.js';
import { ExternalBroker } from './external-broker.js';
import { TestDevice, testKey, testToken } from './test-device.js';
import { until } from './test-raw-client.js';

const NETWORK = new Uint8Array(32).fill(7);
const PREFIX = networkPrefix(NETWORK);
const SERVICE = { username: 'trust', password: 'service-credential' };
const options: TransportOptions = {
  network: NETWORK,
  trustNode: 3,
  epoch: () => 5,
  authorize: () => ok(true),
  laneKeys: () => [],
};

interface Broker {
  readonly url: string;
  readonly port: number;
  /** Cuts every connection; the broker stays. */
  cut(): void;
  close(): Promise<void>;
}

/** A second, ordinary broker over TCP, with the access rules of docs/operate/external-broker.md when `guarded`. */
async function openBroker(guarded: boolean): Promise<Broker> {
  const broker = await Aedes.createBroker();
  const services = new WeakSet<object>();
  broker.authenticate = (client, username, password, done) => {
    if (username === SERVICE.username) {
      if (password?.toString() !== SERVICE.password) {
        done(Object.assign(new Error('refused'), { returnCode: 4 }) as AuthenticateError, false);
        return;
      }
      services.add(client);
    }
    done(null, true);
  };
  if (guarded) {
    const own = (id: string, topic: string, leaves: string[]) =>
      leaves.some((leaf) => topic === `${PREFIX}${id}/${leaf}`);
    broker.authorizeSubscribe = (client, sub, done) => {
      const allowed =
        services.has(client) ||
        sub.topic === `${PREFIX}hello` ||
        own(client.id, sub.topic, ['assign', 'host', 'number']);
      done(null, allowed ? sub : null);
    };
    broker.authorizePublish = (client, packet, done) => {
      const allowed =
        client === null ||
        services.has(client) ||
        own(client.id, packet.topic, ['result', 'telemetry', 'status', 'tx']);
      done(allowed ? null : new Error('refused'));
    };
  }
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    cut,
    close: async () => {
      cut();
      await new Promise<void>((done) => server.close(() => done()));
      await new Promise<void>((done) => broker.close(done));
    },
  };
}

async function started(url: string, given: TransportOptions): Promise<ExternalBroker> {
  const transport = new ExternalBroker({ ...given, url, ...SERVICE });
  const result = await transport.start();
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return transport;
}

describeDeviceTransport('external broker (another aedes over TCP)', async (given) => {
  const broker = await openBroker(true);
  return {
    transport: await started(broker.url, given),
    deviceUrl: broker.url,
    dispose: () => broker.close(),
  };
});

const mosquitto = spawnSync('mosquitto', ['-h']).error === undefined;
if (mosquitto) {
  describeDeviceTransport('external broker (mosquitto)', async (given) => {
    const folder = mkdtempSync(join(tmpdir(), 'iotw-mosquitto-'));
    const port = await freePort();
    writeFileSync(
      join(folder, 'mosquitto.conf'),
      `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\nacl_file ${join(folder, 'acl')}\n`,
    );
    // Passwords are left out here: the devices' names are as many as the tests.
    writeFileSync(
      join(folder, 'acl'),
      [
        `user ${SERVICE.username}`,
        ...['result', 'telemetry', 'status', 'tx'].map((leaf) => `topic read ${PREFIX}+/${leaf}`),
        `topic write ${PREFIX}+/assign`,
        `topic write ${PREFIX}+/host`,
        `topic write ${PREFIX}+/number`,
        `topic readwrite ${PREFIX}hello`,
        `pattern read ${PREFIX}hello`,
        `pattern read ${PREFIX}%u/assign`,
        `pattern read ${PREFIX}%u/host`,
        `pattern read ${PREFIX}%u/number`,
        ...['result', 'telemetry', 'status', 'tx'].map((leaf) => `pattern write ${PREFIX}%u/${leaf}`),
        '',
      ].join('\n'),
    );
    const child: ChildProcess = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], {
      stdio: 'ignore',
    });
    await listening(port);
    return {
      transport: await started(`mqtt://127.0.0.1:${port}`, given),
      deviceUrl: `mqtt://127.0.0.1:${port}`,
      dispose: async () => {
        const gone = new Promise((done) => child.once('exit', done));
        if (child.kill()) await gone;
        rmSync(folder, { recursive: true });
      },
    };
  });
} else {
  console.info(
    'skipped: mosquitto is not on the PATH (Debian: apt-get install mosquitto); a second aedes stands in',
  );
}

/** Resolves once a connection to the port succeeds. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connectSocket(port, '127.0.0.1');
    const open = await new Promise<boolean>((done) => {
      socket.once('connect', () => done(true));
      socket.once('error', () => done(false));
    });
    socket.destroy();
    if (open) return;
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function freePort(): Promise<number> {
  return (await freePorts('127.0.0.1', 1))[0]!;
}

describe('a broker that enforces nothing', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function open(limits: TransportOptions['limits'] = {}) {
    const broker = await openBroker(false);
    cleanups.push(() => broker.close());
    const transport = await started(broker.url, { ...options, limits });
    cleanups.push(() => transport.close());
    const stranger = await connectAsync(broker.url, { reconnectPeriod: 0 });
    cleanups.push(() => stranger.endAsync(true));
    stranger.on('error', () => {});
    const heard: string[] = [];
    transport.onResult((device) => heard.push(device));
    const counted = (code: string) => until(() => (transport.stats().incidents[code] ?? 0) > 0);
    return { broker, transport, stranger, heard, counted };
  }
  const key = testKey(1);
  const status = deviceTopic(PREFIX, key.hex, 'status');

  it('drops results of a device that never proved its key', async () => {
    const { transport, stranger, heard, counted } = await open();
    await stranger.publishAsync(deviceTopic(PREFIX, key.hex, 'result'), 'x');
    await counted('mqtt-publish-refused');
    expect(heard).toEqual([]);
    expect(transport.stats().present).toBe(0);
  });

  it.each([
    ['of another device', testToken(testKey(2), NETWORK, 3, 5), 'mqtt-login-bad-signature'],
    ['for another trust node', testToken(key, NETWORK, 4, 5), 'mqtt-login-wrong-trust-node'],
    ['of another network', testToken(key, new Uint8Array(32), 3, 5), 'mqtt-login-bad-signature'],
    ['of an old epoch', testToken(key, NETWORK, 3, 3), 'mqtt-login-wrong-epoch'],
    ['that is none', Buffer.from('up'), 'mqtt-login-malformed'],
  ])('does not believe a status with a token %s', async (_what, token, code) => {
    const { transport, stranger, counted } = await open();
    await stranger.publishAsync(status, token);
    await counted(code);
    expect(transport.connected(key.hex)).toBe(false);
  });

  it('does not believe a retained status: it may be older than a revocation', async () => {
    const broker = await openBroker(false);
    cleanups.push(() => broker.close());
    const stranger = await connectAsync(broker.url, { reconnectPeriod: 0 });
    cleanups.push(() => stranger.endAsync(true));
    await stranger.publishAsync(status, testToken(key, NETWORK, 3, 5), { retain: true, qos: 1 });
    const transport = await started(broker.url, options);
    cleanups.push(() => transport.close());
    await until(() => (transport.stats().incidents['mqtt-retain-refused'] ?? 0) > 0);
    expect(transport.connected(key.hex)).toBe(false);
  });

  it('drops oversized messages', async () => {
    const { stranger, counted } = await open({ maxPacketBytes: 100 });
    await stranger.publishAsync(status, Buffer.alloc(101));
    await counted('mqtt-packet-too-large');
  });

  it('bounds the signature checks that strangers cause', async () => {
    const { stranger, counted } = await open({ acceptPerSecond: 0.001, acceptBurst: 1 });
    for (let i = 0; i < 20; i++) await stranger.publishAsync(status, Buffer.alloc(70));
    await counted('mqtt-accept-rate');
  });
});

describe('presence on an external broker', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('ends when a device does not renew its token, and hello tells it to', async () => {
    const broker = await openBroker(true);
    cleanups.push(() => broker.close());
    let epoch = 5;
    const transport = await started(broker.url, { ...options, epoch: () => epoch });
    cleanups.push(() => transport.close());
    const key = testKey(1);
    const device = await TestDevice.connect({ url: broker.url, key, network: NETWORK, trustNode: 3, epoch });
    cleanups.push(() => device.leave());
    const hellos: number[] = [];
    device.mqtt.on('message', (topic, payload) => {
      if (topic !== helloTopic(PREFIX)) return;
      const hello = parseHello(payload);
      if (hello.ok) hellos.push(hello.value.epoch);
    });
    await device.mqtt.subscribeAsync(helloTopic(PREFIX));
    await until(() => transport.connected(key.hex));
    epoch = 6;
    transport.refresh();
    expect(transport.connected(key.hex)).toBe(true);
    await until(() => hellos.includes(6));
    await device.publish('status', testToken(key, NETWORK, 3, 6));
    await device.publish('result', Uint8Array.of(1));
    await until(() => transport.stats().results === 1);
    epoch = 7;
    transport.refresh();
    expect(transport.connected(key.hex)).toBe(true);
    epoch = 8;
    transport.refresh();
    expect(transport.connected(key.hex)).toBe(false);
    expect(transport.stats().incidents).toMatchObject({ 'mqtt-status-expired': 1 });
  });

  it('ends with the connection to the broker, and begins anew after it came back', async () => {
    const broker = await openBroker(true);
    cleanups.push(() => broker.close());
    const transport = await started(broker.url, options);
    cleanups.push(() => transport.close());
    const key = testKey(1);
    const first = await TestDevice.connect({
      url: broker.url,
      key,
      network: NETWORK,
      trustNode: 3,
      epoch: 5,
    });
    cleanups.push(() => first.leave());
    await until(() => transport.connected(key.hex));
    broker.cut();
    await until(() => !transport.connected(key.hex));
    expect(transport.stats().incidents).toMatchObject({ 'mqtt-broker-lost': 1 });
    expect(transport.assign(key.hex, Uint8Array.of(1))).toBe(false);
    const again = await TestDevice.connect({
      url: broker.url,
      key,
      network: NETWORK,
      trustNode: 3,
      epoch: 5,
    });
    cleanups.push(() => again.leave());
    // The trust node's own reconnection takes a second: a device announces until it is heard.
    const announce = setInterval(() => void again.publish('status', testToken(key, NETWORK, 3, 5)), 100);
    cleanups.push(() => clearInterval(announce));
    await until(() => transport.connected(key.hex));
  });
});

describe('start', () => {
  it.each([
    [
      'nobody listens',
      {},
      async () => ({ url: `mqtt://127.0.0.1:${await freePort()}`, close: async () => {} }),
    ],
    ['the credential is wrong', { password: 'wrong' }, () => openBroker(true)],
    ['the credential may not read', { username: 'someone' }, () => openBroker(true)],
  ])('says so when %s', async (_what, wrong, open) => {
    const broker = await open();
    const transport = new ExternalBroker({
      ...options,
      url: broker.url,
      ...SERVICE,
      ...wrong,
      connectTimeoutMs: 500,
    });
    expect(await transport.start()).toMatchObject({ ok: false, error: { code: 'mqtt-broker-unreachable' } });
    await transport.close();
    await broker.close();
  });
});
