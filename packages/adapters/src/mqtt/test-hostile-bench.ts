/** A gateway with real sockets, and what hostile clients of it do and see. */
import { fail, ok } from '@iotw/kernel/result';
import { deviceTopic, helloTopic, networkPrefix } from '@iotw/protocol/device-topics';
import { afterEach, expect } from 'vitest';
import type { DeviceAccess } from './access.js';
import { DeviceGateway } from './device-gateway.js';
import type { Incident } from './device-transport.js';
import type { TransportLimits } from './limits.js';
import { type TestKey, testKey, testToken } from './test-device.js';
import { RawClient, until } from './test-raw-client.js';

export const NETWORK = new Uint8Array(32).fill(7);
export const OTHER_NETWORK = new Uint8Array(32).fill(8);
export const PREFIX = networkPrefix(NETWORK);
export const HELLO = helloTopic(PREFIX);
export const TRUST_NODE = 3;
export const EPOCH = 5;
export const mallory = testKey(666);
export const victim = testKey(1);

export const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export interface Bench {
  readonly gateway: DeviceGateway;
  readonly port: number;
  readonly log: Incident[];
  readonly refused: Set<string>;
  /** Everything that reached a handler. */
  readonly heard: string[];
}

export async function open(
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

export async function raw(bench: Bench, version: 4 | 5 = 4): Promise<RawClient> {
  const client = await RawClient.open(bench.port, version);
  cleanups.push(() => client.destroy());
  return client;
}

export function credentials(key: TestKey, token = testToken(key, NETWORK, TRUST_NODE, EPOCH)) {
  return { clientId: key.hex, username: key.hex, password: token };
}

/** A logged-in client, subscribed to its assignments. */
export async function login(bench: Bench, key: TestKey, version: 4 | 5 = 4): Promise<RawClient> {
  const client = await raw(bench, version);
  client.connect(credentials(key));
  expect((await client.next('connack'))?.[version === 5 ? 'reasonCode' : 'returnCode']).toBe(0);
  subscribe(client, deviceTopic(PREFIX, key.hex, 'assign'));
  await client.next('suback');
  return client;
}

export function subscribe(client: RawClient, ...topics: string[]): void {
  client.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: topics.map((topic) => ({ topic, qos: 0 as const })),
  });
}

export function publish(
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

export function count(bench: Bench, code: string): number {
  return bench.gateway.stats().incidents[code] ?? 0;
}

/** The incident is counted and logged. */
export async function counted(bench: Bench, code: string): Promise<void> {
  await until(() => count(bench, code) > 0);
  expect(bench.log.map((incident) => incident.code)).toContain(code);
}

/** A round trip through the victim's own connection: whatever was sent to it before has arrived. */
export async function roundTrip(client: RawClient): Promise<void> {
  client.send({ cmd: 'pingreq' });
  await client.next('pingresp');
}
