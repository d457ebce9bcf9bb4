// The device's session as spec/vectors/device-session.json has it, byte for byte: by the micro miner,
// by the fleet's devices, by the firmware's Linux port, and by the example that uses no code of ours.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { DeviceNode } from '@iotw/nodes/device/device-node';
import { assignerKey, type HelloAssigner } from '@iotw/protocol/hello';
import { afterEach, expect, it } from 'vitest';
import { DeviceSession } from './device-session.js';
import { fileBootStore } from './file-boot-store.js';
import { leanConnector } from './fleet/lean-connection.js';
import { HelloReader } from './hello-reader.js';
import { MicroMiner } from './session.js';
import { TestBroker } from './test-broker.js';
import { firmwareForTests, storeImage } from './test-firmware.js';
import { scratch, until } from './test-network.js';

interface Vectors {
  network: string;
  deviceSeed: string;
  deviceKey: string;
  deviceNumber: number;
  topics: { hello: string; assign: string; result: string; status: string };
  hello: string;
  connect: { clientId: string; username: string; password: string; willTopic: string; will: string };
  status: string;
  boots: { boot: number; answers: { name: string; assign: string; result: string }[] }[];
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const V = JSON.parse(readFileSync(`${ROOT}spec/vectors/device-session.json`, 'utf8')) as Vectors;
const KEYS = keyPairFromSeed(fromHex(V.deviceSeed)!);
const NETWORK = fromHex(V.network)!;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Device {
  stop(): Promise<unknown>;
}

/** Starts a device at `port` that keeps its files under `path`; the boot is the n-th of that path. */
const DEVICES: [name: string, start: (port: number, path: string, boot: number) => Promise<Device>][] = [
  [
    'the micro miner',
    async (port, path) => {
      const miner = new MicroMiner({
        keys: KEYS,
        network: NETWORK,
        boot: fileBootStore(path),
        connect: { url: `mqtt://127.0.0.1:${port}` },
        device: V.deviceNumber,
      });
      await miner.start();
      return miner;
    },
  ],
  [
    'a device of the fleet',
    async (port, _path, boot) => {
      let laneKeys: readonly Uint8Array[] = [];
      let assigners: readonly HelloAssigner[] = [];
      const connector = leanConnector('127.0.0.1', port);
      const session = new DeviceSession({
        network: NETWORK,
        deviceKey: KEYS.publicKey,
        node: new DeviceNode({
          network: NETWORK,
          keys: KEYS,
          boot,
          laneKey: (lane) => laneKeys[lane],
          assignerKey: (role, index) => assignerKey(assigners, role, index),
        }),
        place: { connector, hello: new HelloReader({ connector, network: NETWORK }) },
        onKeys: (keys, told) => {
          laneKeys = keys;
          assigners = told;
        },
        device: V.deviceNumber,
      });
      session.start();
      return session;
    },
  ],
  [
    'examples/minimal-device.mjs',
    async (port, path) => {
      writeFileSync(`${path}.key`, V.deviceSeed);
      const child = spawn(
        process.execPath,
        [
          `${ROOT}examples/minimal-device.mjs`,
          ...['--url', `mqtt://127.0.0.1:${port}`, '--key-file', `${path}.key`],
          ...['--network', V.network, '--device', String(V.deviceNumber)],
        ],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      return { stop: () => stopped(child) };
    },
  ],
];

const firmware = firmwareForTests();
if (firmware !== undefined)
  DEVICES.push([
    'the firmware on Linux',
    async (port, path) => {
      const { deviceNumber: device, deviceSeed } = V;
      // The broker of a second start listens elsewhere, on the same store.
      const broker = ['--broker', `127.0.0.1:${port}`];
      if (!existsSync(`${path}.store`))
        writeFileSync(
          `${path}.store`,
          storeImage({ network: NETWORK, seed: fromHex(deviceSeed)!, device, port }),
        );
      const child = spawn(firmware, ['run', `${path}.store`, ...broker], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      return { stop: () => stopped(child) };
    },
  ]);

async function stopped(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const code = new Promise<number | null>((done) => child.on('close', done));
  child.kill('SIGTERM');
  return code;
}

it.each(DEVICES)('%s follows the vectors', async (_name, start) => {
  const { broker, port, close } = await TestBroker.open(V.topics.hello, V.hello);
  closers.push(close);
  const files = scratch();
  closers.push(files.remove);
  for (const [index, { boot, answers }] of V.boots.entries()) {
    const device = await start(port, files.path('device'), boot);
    closers.push(() => device.stop());
    await until(() => broker.on(V.topics.status).filter((hex) => hex === V.status).length === index + 1);
    const seen = broker.on(V.topics.result).length;
    for (const { assign } of answers) broker.send(V.topics.assign, Buffer.from(assign, 'hex'));
    await until(() => broker.on(V.topics.result).length === seen + answers.length);
    for (const [i, result] of broker.on(V.topics.result).slice(seen).entries())
      expect(result, answers[i]!.name).toBe(answers[i]!.result);
    await device.stop();
    // A clean goodbye: the offline byte, as nobody publishes the will.
    await until(() => broker.on(V.topics.status).at(-1) === V.connect.will);

    const connect = broker.connects.at(-1)!;
    expect(connect).toMatchObject({ clientId: V.connect.clientId, username: V.connect.username });
    expect(connect.will).toMatchObject({ topic: V.connect.willTopic, qos: 0, retain: false });
    expect(Buffer.from(connect.will!.payload).toString('hex')).toBe(V.connect.will);
    const password = connect.password!;
    // Bytes, or their base64url text: clause 11 allows both.
    const bytes = password.length === 94 ? Buffer.from(password.toString(), 'base64url') : password;
    expect(Buffer.from(bytes).toString('hex')).toBe(V.connect.password);
  }
  expect(new Set(broker.subscribed)).toEqual(new Set([V.topics.hello, V.topics.assign]));
});

it.each(DEVICES)(
  '%s announces itself behind an external broker, and anew at each epoch',
  async (_name, start) => {
    const announced = { ...JSON.parse(V.hello), announce: true };
    const { broker, port, close } = await TestBroker.open(V.topics.hello, JSON.stringify(announced));
    closers.push(close);
    const files = scratch();
    closers.push(files.remove);
    const device = await start(port, files.path('device'), 1);
    closers.push(() => device.stop());
    await until(() => broker.on(V.topics.status).includes(V.status));
    expect(broker.on(V.topics.status)).toContain(V.connect.password);
    const epoch = announced.epoch + 1;
    broker.send(V.topics.hello, JSON.stringify({ ...announced, epoch }));
    await until(() => broker.on(V.topics.status).length === 3);
    const token = broker.on(V.topics.status)[2]!;
    expect(token.slice(0, 12)).toBe('010004000000');
    expect(token.length).toBe(140);
  },
);

it.each(DEVICES)(
  '%s tries again with a new hello when its login is refused or cut off',
  async (_name, start) => {
    const { broker, port, close } = await TestBroker.open(V.topics.hello, V.hello);
    closers.push(close);
    const files = scratch();
    closers.push(files.remove);
    broker.refuseWith = 4;
    const device = await start(port, files.path('device'), 1);
    closers.push(() => device.stop());
    await until(() => broker.connects.length === 1);
    broker.hello = JSON.stringify({ ...JSON.parse(V.hello), epoch: 9 });
    broker.refuseWith = 0;
    await until(() => broker.on(V.topics.status).length === 1);
    broker.cut();
    await until(() => broker.on(V.topics.status).length === 2);
    const epochs = broker.on(V.topics.status).map((hex) => hex.slice(10, 18));
    expect(epochs).toEqual(['09000000', '09000000']);
  },
);

it.each(DEVICES)('%s sends one ticket for an epoch, whatever else changes in hello', async (_name, start) => {
  const short = { ...JSON.parse(V.hello), epochMs: 2 };
  const { broker, port, close } = await TestBroker.open(V.topics.hello, JSON.stringify(short));
  closers.push(close);
  const files = scratch();
  closers.push(files.remove);
  const device = await start(port, files.path('device'), 1);
  closers.push(() => device.stop());
  await until(() => broker.on(V.topics.status).length === 1);
  broker.send(V.topics.hello, JSON.stringify({ ...short, note: 'the same epoch' }));
  // Long enough for a second ticket to go out, if one were planned.
  await new Promise((done) => setTimeout(done, 100));
  broker.send(V.topics.hello, JSON.stringify({ ...short, epoch: 4 }));
  await until(() => broker.on(V.topics.status).length === 2);
  broker.send(V.topics.hello, JSON.stringify({ ...short, epoch: 4, note: 'the same epoch' }));
  // Long enough for a second ticket to go out, if one were planned.
  await new Promise((done) => setTimeout(done, 100));
  broker.send(V.topics.hello, JSON.stringify({ ...short, epoch: 5 }));
  await until(() => broker.on(V.topics.status).length === 3);
  const epochs = broker.on(V.topics.status).map((hex) => hex.slice(10, 18));
  expect(epochs).toEqual(['03000000', '04000000', '05000000']);
});
