/** The short way in takes what it may, leaves the rest to the broker, and nobody can tell which way a message came. */
import { deviceTopic } from '@iotw/protocol/device-topics';
import type { Aedes, Client } from 'aedes';
import { generate } from 'mqtt-packet';
import { describe, expect, it, vi } from 'vitest';
import {
  type Bench,
  counted,
  credentials,
  login,
  mallory,
  open,
  PREFIX,
  raw,
  victim,
} from './test-hostile-bench.js';
import { type RawClient, until } from './test-raw-client.js';

const topic = deviceTopic(PREFIX, mallory.hex, 'result');
const payload = Buffer.from('an answer');

const frame = (fields: object = {}, version: 4 | 5 = 4): Buffer =>
  generate({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false, ...fields } as never, {
    protocolVersion: version,
  });

/** How many messages of the bench's devices have come through the broker. */
function throughBroker({ gateway }: Bench): () => number {
  let count = 0;
  const { broker } = gateway as unknown as { readonly broker: Aedes };
  broker.on('publish', (packet) => {
    if (packet.topic.startsWith(PREFIX)) count += 1;
  });
  return () => count;
}

/** What its devices answer. */
function answers({ gateway }: Bench): Buffer[] {
  const heard: Buffer[] = [];
  gateway.onResult((_device, bytes) => heard.push(Buffer.from(bytes)));
  return heard;
}

/** Chunks are written so far apart that each is read alone. */
async function write(client: RawClient, chunks: readonly Buffer[]): Promise<void> {
  for (const chunk of chunks) {
    await new Promise((written) => client.socket.write(chunk, written));
    await new Promise((later) => setTimeout(later, 20));
  }
}

const long = Buffer.alloc(4_000, 7);
const cases: readonly (readonly [string, readonly Buffer[], readonly Buffer[], number])[] = [
  ['one whole packet', [frame()], [payload], 0],
  ['one of two bytes of length', [frame({ payload: long })], [long], 0],
  ['a packet in two parts', [frame().subarray(0, 40), frame().subarray(40)], [payload], 1],
  [
    'one byte, then the rest, then another',
    [frame().subarray(0, 1), frame().subarray(1), frame()],
    [payload, payload],
    1,
  ],
  ['two packets in one', [Buffer.concat([frame(), frame()])], [payload, payload], 2],
  [
    'a packet and half of the next',
    [Buffer.concat([frame(), frame().subarray(0, 9)]), frame().subarray(9)],
    [payload, payload],
    2,
  ],
  [
    'a packet whose second part looks like a whole one',
    [frame({ payload: frame() }).subarray(0, -frame().length), frame()],
    [frame()],
    1,
  ],
  ['a message of QoS 1', [frame({ qos: 1, messageId: 1 })], [payload], 1],
];

describe('a device that writes', () => {
  it.each(cases)('%s is heard the same', async (_what, chunks, expected, broker) => {
    const bench = await open();
    const heard = answers(bench);
    const count = throughBroker(bench);
    const client = await login(bench, mallory);
    await write(client, chunks);
    await until(() => heard.length === expected.length);
    expect(heard).toEqual(expected);
    await until(() => count() === broker);
  });

  it('by MQTT 5 goes the short way without properties and the broker’s with them', async () => {
    const bench = await open();
    const heard = answers(bench);
    const count = throughBroker(bench);
    const client = await raw(bench, 5);
    client.connect(credentials(mallory));
    expect(await client.next('connack')).toMatchObject({ reasonCode: 0 });
    await write(client, [frame({}, 5)]);
    await until(() => heard.length === 1);
    expect(count()).toBe(0);
    await write(client, [frame({ properties: { contentType: 'x' } }, 5)]);
    await until(() => heard.length === 2 && count() === 1);
    expect(heard).toEqual([payload, payload]);
  });

  it('is refused where it writes to another’s topic, or one that it may only read', async () => {
    for (const wrong of [
      deviceTopic(PREFIX, victim.hex, 'result'),
      deviceTopic(PREFIX, mallory.hex, 'assign'),
    ]) {
      const bench = await open();
      const client = await login(bench, mallory);
      client.socket.write(frame({ topic: wrong }));
      await client.gone();
      await counted(bench, 'mqtt-publish-refused');
      expect(bench.heard).toEqual([]);
    }
  });

  it('is heard as a sign of life', async () => {
    const bench = await open();
    const client = await login(bench, mallory);
    const { sessions } = bench.gateway as unknown as {
      readonly sessions: { get(hex: string): { readonly client: Client } };
    };
    const { _keepaliveTimer: timer } = sessions.get(mallory.hex).client as unknown as {
      readonly _keepaliveTimer: NodeJS.Timeout;
    };
    const refreshed = vi.spyOn(timer, 'refresh');
    client.socket.write(frame());
    await until(() => bench.heard.length === 1);
    expect(refreshed).toHaveBeenCalledOnce();
  });
});
