/** Topics that a hostile client reads or writes without right; THREATS "MQTT". */
import { deviceTopic, networkPrefix } from '@iotw/protocol/device-topics';
import { parseHello } from '@iotw/protocol/hello';
import { describe, expect, it } from 'vitest';
import {
  count,
  counted,
  credentials,
  EPOCH,
  HELLO,
  login,
  mallory,
  NETWORK,
  OTHER_NETWORK,
  open,
  PREFIX,
  publish,
  raw,
  roundTrip,
  subscribe,
  TRUST_NODE,
  victim,
} from './test-hostile-bench.js';
import type { RawClient } from './test-raw-client.js';

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
});

describe('hello', () => {
  it('tells network, trust node, epoch and lane keys, and ends', async () => {
    // Time enough to ask, on a machine that stands still for a moment too.
    const bench = await open({ helloLifetimeMs: 1_500 });
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
    const bench = await open({ helloLifetimeMs: 60_000 });
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
