/** The suite that every DeviceTransport passes (used by *.test.ts files). */

import { toHex } from '@iotw/kernel/bytes';
import { fail, ok } from '@iotw/kernel/result';
import { deviceTopic, helloTopic, networkPrefix } from '@iotw/protocol/device-topics';
import { decodeDeviceNumber } from '@iotw/protocol/device-wire';
import { parseHello, parseHostMove } from '@iotw/protocol/hello';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceTransport, TransportOptions } from './device-transport.js';
import { TestDevice, type TestKey, testKey, testToken } from './test-device.js';
import { until } from './test-raw-client.js';

export interface TransportFixture {
  readonly transport: DeviceTransport;
  /** Where devices connect. */
  readonly deviceUrl: string;
  /** Closes what the fixture opened beside the transport. */
  dispose(): Promise<void>;
}

const NETWORK = new Uint8Array(32).fill(7);

/** Runs the suite; `make` returns a started transport with the given options. */
export function describeDeviceTransport(
  name: string,
  make: (options: TransportOptions) => Promise<TransportFixture>,
): void {
  describe(`device transport: ${name}`, () => {
    const closers: (() => Promise<void>)[] = [];
    const revoked = new Set<string>();
    let epoch = 5;

    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close();
      revoked.clear();
      epoch = 5;
    });

    async function open(
      limits: TransportOptions['limits'] = {},
      moveOf?: TransportOptions['moveOf'],
      numberOf?: TransportOptions['numberOf'],
    ) {
      const fixture = await make({
        network: NETWORK,
        trustNode: 3,
        epoch: () => epoch,
        authorize: (key) =>
          revoked.has(Buffer.from(key).toString('hex'))
            ? fail('device-revoked', 'The device is revoked.')
            : ok(true),
        laneKeys: () => [new Uint8Array(32).fill(1)],
        limits,
        ...(moveOf === undefined ? {} : { moveOf }),
        ...(numberOf === undefined ? {} : { numberOf }),
      });
      closers.push(async () => {
        await fixture.transport.close();
        await fixture.dispose();
      });
      return fixture;
    }

    async function join(
      fixture: TransportFixture,
      key: TestKey,
      onAssign?: (bytes: Uint8Array, device: TestDevice) => void,
      at = epoch,
    ) {
      const device = await TestDevice.connect({
        url: fixture.deviceUrl,
        key,
        network: NETWORK,
        trustNode: 3,
        epoch: at,
        ...(onAssign ? { onAssign } : {}),
      });
      closers.push(() => device.leave());
      return device;
    }

    it('hands on tickets and offline notes, never login tokens', async () => {
      const fixture = await open();
      const seen: string[] = [];
      fixture.transport.onStatus((device, bytes) => seen.push(`${device.slice(0, 4)} ${bytes.length}`));
      const key = testKey(1);
      const device = await join(fixture, key);
      await until(() => fixture.transport.connected(key.hex));
      await device.publish('status', Uint8Array.of(1, ...new Array(74).fill(2)));
      await until(() => seen.length > 0);
      expect(seen).toEqual([`${key.hex.slice(0, 4)} 75`]);
    });

    it('announces a new epoch to devices that stay subscribed to hello', async () => {
      const fixture = await open();
      const key = testKey(1);
      const device = await join(fixture, key);
      const epochs: number[] = [];
      device.mqtt.on('message', (_topic, payload) => {
        const hello = parseHello(payload);
        if (hello.ok) epochs.push(hello.value.epoch);
      });
      await device.mqtt.subscribeAsync(helloTopic(networkPrefix(NETWORK)));
      await until(() => epochs.length === 1);
      epoch = 6;
      fixture.transport.refresh();
      await until(() => epochs.length === 2);
      expect(epochs).toEqual([5, 6]);
    });

    it('tells of a device that comes and of one that is cut off', async () => {
      const fixture = await open();
      const seen: string[] = [];
      fixture.transport.onPresenceChange((device, presence) =>
        seen.push(`${device.slice(0, 4)} ${presence}`),
      );
      const key = testKey(1);
      const device = await join(fixture, key);
      await until(() => fixture.transport.connected(key.hex));
      expect(fixture.transport.stats().present).toBe(1);
      device.cut();
      await until(() => !fixture.transport.connected(key.hex));
      expect(seen).toEqual([`${key.hex.slice(0, 4)} up`, `${key.hex.slice(0, 4)} down`]);
      expect(fixture.transport.stats().present).toBe(0);
    });

    it('tells a device that asks where it belongs, at its login and at refresh; one that does not ask hears nothing', async () => {
      const elsewhere = { trustNode: 4, address: 'mqtt://127.0.0.1:1', epoch: 9 };
      const fixture = await open({}, () => elsewhere);
      const [asking, other] = [testKey(1), testKey(2)];
      const device = await join(fixture, asking);
      const told: unknown[] = [];
      device.mqtt.on('message', (topic, payload) => {
        if (topic.endsWith('/host')) told.push(parseHostMove(payload));
      });
      const silent = await join(fixture, other);
      const heard: string[] = [];
      silent.mqtt.on('message', (topic) => heard.push(topic.split('/').at(-1)!));
      await until(() => fixture.transport.connected(asking.hex) && fixture.transport.connected(other.hex));
      await device.mqtt.subscribeAsync(deviceTopic(networkPrefix(NETWORK), asking.hex, 'host'));
      // Behind an external broker the login is a message, and comes after the question.
      await device.publish('status', new Uint8Array(0));
      await device.publish('status', testToken(asking, NETWORK, 3, epoch));
      await until(() => told.length === 1);
      fixture.transport.refresh();
      await until(() => told.length === 2);
      expect(told).toEqual([elsewhere, elsewhere]);
      fixture.transport.assign(other.hex, Uint8Array.of(1));
      await until(() => heard.length > 0);
      expect(heard).toEqual(['assign']);
    });

    it('tells a device that asks its number, once at its login', async () => {
      const asking = testKey(1);
      const fixture = await open({}, undefined, (key) =>
        toHex(key) === asking.hex ? 0x01020304 : undefined,
      );
      const device = await join(fixture, asking);
      const told: [string, number | undefined][] = [];
      device.mqtt.on('message', (topic, payload) =>
        told.push([topic.split('/').at(-1)!, decodeDeviceNumber(payload)]),
      );
      await until(() => fixture.transport.connected(asking.hex));
      await device.mqtt.subscribeAsync(deviceTopic(networkPrefix(NETWORK), asking.hex, 'number'));
      // Behind an external broker the login is a message, and comes after the question.
      await device.publish('status', new Uint8Array(0));
      await device.publish('status', testToken(asking, NETWORK, 3, epoch));
      await until(() => told.length === 1);
      expect(told).toEqual([['number', 0x01020304]]);
    });

    it('carries an assignment to the one device it is for, and its answer back', async () => {
      const fixture = await open();
      const answers: [string, Uint8Array][] = [];
      fixture.transport.onResult((device, bytes) => answers.push([device, bytes]));
      const [one, two] = [testKey(1), testKey(2)];
      await join(
        fixture,
        one,
        (bytes, device) =>
          void device.publish(
            'result',
            bytes.map((b) => b ^ 0xff),
          ),
      );
      await join(fixture, two, () => expect.unreachable('an assignment went to the wrong device'));
      await until(() => fixture.transport.connected(one.hex) && fixture.transport.connected(two.hex));
      expect(fixture.transport.assign(one.hex, Uint8Array.of(1, 2, 3))).toBe(true);
      await until(() => answers.length > 0);
      expect(answers).toEqual([[one.hex, Uint8Array.of(254, 253, 252)]]);
      expect(fixture.transport.stats()).toMatchObject({ assignments: 1, results: 1 });
    });

    it('carries assignments of every length form unchanged', async () => {
      const fixture = await open();
      const got: Uint8Array[] = [];
      const key = testKey(1);
      await join(fixture, key, (bytes) => got.push(bytes));
      await until(() => fixture.transport.connected(key.hex));
      const sent = [0, 1, 20, 300, 20_000, 140_000].map((n) =>
        Uint8Array.from({ length: n }, (_, i) => i * 7),
      );
      for (const bytes of sent) expect(fixture.transport.assign(key.hex, bytes)).toBe(true);
      await until(() => got.length === sent.length);
      expect(got).toEqual(sent);
    });

    it('says false for a device that is not there', async () => {
      const fixture = await open();
      expect(fixture.transport.assign(testKey(9).hex, Uint8Array.of(1))).toBe(false);
      expect(fixture.transport.connected(testKey(9).hex)).toBe(false);
    });

    it('hands on transactions and telemetry, also at QoS 1, with the sender', async () => {
      const fixture = await open();
      const got: string[] = [];
      fixture.transport.onTransaction((device, bytes) => got.push(`tx ${device} ${bytes.length}`));
      fixture.transport.onTelemetry((device, bytes) => got.push(`telemetry ${device} ${bytes.length}`));
      const key = testKey(1);
      const device = await join(fixture, key);
      await until(() => fixture.transport.connected(key.hex));
      await device.publish('tx', new Uint8Array(200), 1);
      await device.publish('telemetry', new Uint8Array(30), 0);
      await until(() => got.length === 2);
      expect(got.sort()).toEqual([`telemetry ${key.hex} 30`, `tx ${key.hex} 200`]);
    });

    it('counts what the node refused of a device, and keeps the device', async () => {
      const fixture = await open();
      const key = testKey(1);
      await join(fixture, key);
      await until(() => fixture.transport.connected(key.hex));
      fixture.transport.refused(key.hex, 'signature-invalid');
      fixture.transport.refused(key.hex, 'signature-invalid');
      expect(fixture.transport.stats().incidents).toMatchObject({ 'signature-invalid': 2 });
      expect(fixture.transport.connected(key.hex)).toBe(true);
    });

    it('drops a device whose right was revoked, at refresh', async () => {
      const fixture = await open();
      const [one, two] = [testKey(1), testKey(2)];
      await join(fixture, one);
      await join(fixture, two);
      await until(() => fixture.transport.connected(one.hex) && fixture.transport.connected(two.hex));
      revoked.add(one.hex);
      fixture.transport.refresh();
      await until(() => !fixture.transport.connected(one.hex));
      expect(fixture.transport.connected(two.hex)).toBe(true);
      expect(fixture.transport.assign(one.hex, Uint8Array.of(1))).toBe(false);
      expect(fixture.transport.stats().incidents).toMatchObject({ 'mqtt-right-revoked': 1 });
    });

    it.each([
      ['an old epoch', 3, 'mqtt-login-wrong-epoch'],
      ['a future epoch', 7, 'mqtt-login-wrong-epoch'],
    ])('does not count a device with a token of %s as present', async (_name, at, code) => {
      const fixture = await open();
      const key = testKey(1);
      await join(fixture, key, undefined, at).catch(() => {});
      await until(() => (fixture.transport.stats().incidents[code] ?? 0) > 0);
      expect(fixture.transport.connected(key.hex)).toBe(false);
    });

    it('accepts the epochs beside the current one', async () => {
      const fixture = await open();
      await join(fixture, testKey(1), undefined, 4);
      await join(fixture, testKey(2), undefined, 6);
      await until(() => fixture.transport.stats().present === 2);
    });

    it('bounds the messages of one device', async () => {
      const fixture = await open({ messagesPerSecond: 1, messageBurst: 10, excessBeforeClose: 1000 });
      const key = testKey(1);
      const device = await join(fixture, key);
      await until(() => fixture.transport.connected(key.hex));
      for (let i = 0; i < 100; i++) await device.publish('result', Uint8Array.of(i));
      await until(() => (fixture.transport.stats().incidents['mqtt-rate-exceeded'] ?? 0) >= 85);
      expect(fixture.transport.stats().results).toBeLessThanOrEqual(12);
    });

    it('is silent after close, and closes twice', async () => {
      const fixture = await open();
      const key = testKey(1);
      await join(fixture, key);
      await until(() => fixture.transport.connected(key.hex));
      await fixture.transport.close();
      expect(fixture.transport.assign(key.hex, Uint8Array.of(1))).toBe(false);
      expect(fixture.transport.stats().present).toBe(0);
      await fixture.transport.close();
    });
  });
}
