import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { DeviceNode } from '@iotw/nodes/device/device-node';
import { decodeDeviceResult, decodeDeviceStatus, REFUSAL } from '@iotw/protocol/device-wire';
import { afterEach, describe, expect, it } from 'vitest';
import { DeviceSession, type MinerEvent } from './device-session.js';
import { fileBootStore } from './file-boot-store.js';
import { HelloReader } from './hello-reader.js';
import { mqttConnector } from './mqtt-connection.js';
import { MicroMiner, type MicroMinerOptions } from './session.js';
import { LANE, NETWORK, openTrustNode, scratch, testAssignment, until } from './test-network.js';

const KEYS = keyPairFromSeed(new Uint8Array(32).fill(9));
const HEX = toHex(KEYS.publicKey);

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function trustNode(options: Parameters<typeof openTrustNode>[0] = {}) {
  const node = await openTrustNode(options);
  closers.push(() => node.gateway.close());
  return node;
}

async function miner(url: string, options: Partial<MicroMinerOptions> = {}) {
  const files = scratch();
  closers.push(files.remove);
  const events: MinerEvent[] = [];
  const device = new MicroMiner({
    keys: KEYS,
    network: NETWORK,
    boot: fileBootStore(files.path('boot')),
    connect: { url },
    onEvent: (event) => events.push({ ...event }),
    ...options,
  });
  expect(await device.start()).toEqual({ ok: true, value: undefined });
  closers.push(() => device.stop());
  const seen = (kind: MinerEvent['kind']) => events.filter((event) => event.kind === kind);
  return { device, seen };
}

function attestation(result: Uint8Array | undefined) {
  const decoded = decodeDeviceResult(result ?? new Uint8Array(0));
  if (!decoded.ok || decoded.value.kind !== 'attestation') throw new Error('no attestation');
  return decoded.value.attestation;
}

function ticket(status: Uint8Array | undefined) {
  const decoded = decodeDeviceStatus(status ?? new Uint8Array(0));
  if (!decoded.ok || decoded.value.kind !== 'presence') throw new Error('no ticket');
  return decoded.value.ticket;
}

describe.each(['tcp', 'ws'] as const)('over %s', (kind) => {
  it('logs in, answers, repeats an answer byte for byte, and leaves', async () => {
    const node = await trustNode();
    const url = kind === 'tcp' ? `mqtt://127.0.0.1:${node.tcpPort}` : `ws://127.0.0.1:${node.wsPort}`;
    const { device } = await miner(url);
    await until(() => node.gateway.connected(HEX));
    const first = testAssignment(1);
    node.gateway.assign(HEX, first);
    node.gateway.assign(HEX, testAssignment(2));
    node.gateway.assign(HEX, first);
    await until(() => node.results.length === 3);
    expect(attestation(node.results[0])).toMatchObject({
      height: 1,
      boot: 1,
      counter: 1,
      device: 3,
      rank: 1,
    });
    expect(attestation(node.results[1])).toMatchObject({ height: 2, boot: 1, counter: 2 });
    expect(toHex(node.results[2]!)).toBe(toHex(node.results[0]!));
    await device.stop();
    await until(() => !node.gateway.connected(HEX));
    expect(node.gateway.stats().incidents).toEqual({});
  });
});

it.each<[string, Uint8Array, keyof typeof REFUSAL]>([
  ['no bytes', new Uint8Array(0), 'malformed'],
  ['garbage', new Uint8Array(500).fill(0xff), 'malformed'],
  ['an assignment cut short', testAssignment(1).subarray(0, 200), 'malformed'],
  ['another lane key', testAssignment(1, 3, KEYS), 'header-signature'],
])('answers %s on its assign topic by a refusal and goes on', async (_what, bytes, code) => {
  const node = await trustNode();
  const { seen } = await miner(`mqtt://127.0.0.1:${node.tcpPort}`);
  await until(() => node.gateway.connected(HEX));
  node.gateway.assign(HEX, bytes);
  node.gateway.assign(HEX, testAssignment(1));
  await until(() => node.results.length === 2);
  expect([...node.results[0]!]).toEqual([1, REFUSAL[code]]);
  expect(attestation(node.results[1]).counter).toBe(1);
  expect(seen('refused')).toEqual([{ kind: 'refused', code: REFUSAL[code] }]);
});

it('sends one ticket for each epoch: at login, and after each announcement', async () => {
  let epoch = 5;
  const node = await trustNode({ epoch: () => epoch });
  await miner(`mqtt://127.0.0.1:${node.tcpPort}`, { device: 41 });
  await until(() => node.statuses.length === 1);
  node.gateway.refresh();
  epoch = 6;
  node.gateway.refresh();
  node.gateway.refresh();
  await until(() => node.statuses.length === 2);
  epoch = 7;
  node.gateway.refresh();
  await until(() => node.statuses.length === 3);
  expect(node.statuses.map((status) => ticket(status))).toMatchObject([
    { device: 41, epoch: 5, host: 0 },
    { device: 41, epoch: 6, host: 0 },
    { device: 41, epoch: 7, host: 0 },
  ]);
});

it('asks its trust node for a number that it was not given, at each login', async () => {
  let number = 78;
  const node = await trustNode({ numberOf: () => number });
  const { device } = await miner(`mqtt://127.0.0.1:${node.tcpPort}`);
  await until(() => node.statuses.length === 1);
  expect(ticket(node.statuses[0])).toMatchObject({ device: 78, epoch: 5 });
  // A host that told another number before is put right by the next.
  number = 79;
  await node.gateway.close();
  const next = await trustNode({ numberOf: () => number, tcpPort: node.tcpPort });
  await until(() => next.statuses.length === 1);
  expect(ticket(next.statuses[0]).device).toBe(79);
  expect(device.device).toBe(79);
});

it('takes its number from a look-up, or from the first assignment it answers', async () => {
  const node = await trustNode();
  await miner(`mqtt://127.0.0.1:${node.tcpPort}`, { device: async () => 77 });
  await until(() => node.statuses.length === 1);
  expect(ticket(node.statuses[0]).device).toBe(77);

  const other = await trustNode();
  const { device } = await miner(`mqtt://127.0.0.1:${other.tcpPort}`, {
    device: () => Promise.reject(new Error('the API is down')),
  });
  await until(() => other.gateway.connected(HEX));
  expect(other.statuses).toEqual([]);
  other.gateway.assign(HEX, testAssignment(1, 12));
  await until(() => other.statuses.length === 1);
  expect(ticket(other.statuses[0]).device).toBe(12);
  expect(device.device).toBe(12);
});

it('comes back after the trust node restarted epochs later, with a new token and the same boot', async () => {
  const node = await trustNode();
  const { seen } = await miner(`mqtt://127.0.0.1:${node.tcpPort}`, { device: 3 });
  await until(() => node.gateway.connected(HEX));
  node.gateway.assign(HEX, testAssignment(1));
  await until(() => node.results.length === 1);
  await node.gateway.close();
  await until(() => seen('closed').length > 0);
  const again = await trustNode({ tcpPort: node.tcpPort, epoch: () => 50 });
  await until(() => again.gateway.connected(HEX) && again.statuses.length === 1);
  expect(ticket(again.statuses[0]).epoch).toBe(50);
  again.gateway.assign(HEX, testAssignment(1));
  again.gateway.assign(HEX, testAssignment(2));
  await until(() => again.results.length === 2);
  expect(toHex(again.results[0]!)).toBe(toHex(node.results[0]!));
  expect(attestation(again.results[1])).toMatchObject({ boot: 1, counter: 2 });
});

it.each<[string, Partial<MicroMinerOptions>, string]>([
  ['another network', { network: new Uint8Array(32).fill(8) }, 'miner-hello-unreachable'],
  ['a network of the same first bytes', { network: new Uint8Array(32).fill(7, 0, 8) }, 'miner-wrong-network'],
  ['another trust node', { connect: { url: '', trustNode: 2 } }, 'miner-wrong-trust-node'],
  ['other lane keys than handed in', { laneKeys: [KEYS.publicKey] }, 'miner-lane-keys-differ'],
  [
    'fewer lane keys than handed in',
    { laneKeys: [LANE.publicKey, KEYS.publicKey] },
    'miner-lane-keys-differ',
  ],
])('never logs in at %s', async (_what, options, code) => {
  const node = await trustNode();
  const url = `mqtt://127.0.0.1:${node.tcpPort}`;
  const { seen } = await miner(url, { ...options, connect: { ...options.connect, url } });
  await until(() => seen('hello-refused').length > 0);
  expect(seen('hello-refused')[0]).toMatchObject({ error: { code } });
  expect(node.gateway.stats().logins).toBe(0);
});

it('says so when a second process has the boot store, and begins a new boot at each start', async () => {
  const node = await trustNode();
  const files = scratch();
  closers.push(files.remove);
  const url = `mqtt://127.0.0.1:${node.tcpPort}`;
  const { device } = await miner(url, { boot: fileBootStore(files.path('boot')) });
  const second = new MicroMiner({
    keys: KEYS,
    network: NETWORK,
    boot: fileBootStore(files.path('boot')),
    connect: { url },
  });
  expect(await second.start()).toMatchObject({ ok: false, error: { code: 'boot-store-locked' } });
  await device.stop();
  await device.start();
  await until(() => node.gateway.connected(HEX));
  node.gateway.assign(HEX, testAssignment(1));
  await until(() => node.results.length === 1);
  expect(attestation(node.results[0])).toMatchObject({ boot: 2, counter: 1 });
});

it('of a fleet reads hello anew after a login that was refused, however new the last one is', async () => {
  let epoch = 5;
  const node = await trustNode({ epoch: () => epoch });
  const connector = mqttConnector(`mqtt://127.0.0.1:${node.tcpPort}`);
  const hello = new HelloReader({ connector, network: NETWORK, freshMs: 600_000 });
  expect(await hello.read()).toMatchObject({ ok: true, value: { epoch: 5 } });
  epoch = 20;
  const refused: boolean[] = [];
  const session = new DeviceSession({
    network: NETWORK,
    deviceKey: KEYS.publicKey,
    node: new DeviceNode({ network: NETWORK, keys: KEYS, boot: 1, laneKey: () => LANE.publicKey }),
    place: { connector, hello },
    onKeys: () => undefined,
    onEvent: (event) => {
      if (event.kind === 'closed') refused.push(event.refused);
    },
  });
  closers.push(() => session.stop());
  session.start();
  await until(() => node.gateway.connected(HEX));
  expect(refused).toEqual([true]);
});

it('follows where its host sends it, but to no address that it would have to speak to otherwise', async () => {
  const there = await trustNode({ trustNode: 1 });
  let address = `ws://127.0.0.1:${there.wsPort}`;
  const move = () => ({ trustNode: 1, address, epoch: 0 });
  const here = await trustNode({ hosts: () => [move()], moveOf: move });
  const { seen } = await miner(`mqtt://127.0.0.1:${here.tcpPort}`);
  await until(() => seen('sent').length === 1);
  here.gateway.assign(HEX, testAssignment(1));
  await until(() => here.results.length === 1);
  address = `mqtt://127.0.0.1:${there.tcpPort}`;
  here.gateway.refresh();
  await until(() => there.gateway.connected(HEX));
});

it('of a fleet says that it is there when the fleet is, and answers before', async () => {
  const node = await trustNode();
  const connector = mqttConnector(`mqtt://127.0.0.1:${node.tcpPort}`);
  let assemble = () => {};
  const session = new DeviceSession({
    network: NETWORK,
    deviceKey: KEYS.publicKey,
    node: new DeviceNode({ network: NETWORK, keys: KEYS, boot: 1, laneKey: () => LANE.publicKey }),
    place: { connector, hello: new HelloReader({ connector, network: NETWORK }) },
    onKeys: () => undefined,
    device: 3,
    assembled: new Promise((resolve) => {
      assemble = resolve;
    }),
  });
  closers.push(() => session.stop());
  session.start();
  await until(() => node.gateway.connected(HEX));
  node.gateway.assign(HEX, testAssignment(1));
  await until(() => node.results.length === 1);
  expect(node.statuses).toEqual([]);
  assemble();
  await until(() => node.statuses.length === 1);
  expect(ticket(node.statuses[0])).toMatchObject({ device: 3, epoch: 5 });
});
