/** What a hostile client tries to get in with, or in place of another; THREATS "MQTT" and "Device". */
import { deviceTopic } from '@iotw/protocol/device-topics';
import { describe, expect, it } from 'vitest';
import { testToken } from './test-device.js';
import {
  counted,
  credentials,
  EPOCH,
  login,
  mallory,
  NETWORK,
  OTHER_NETWORK,
  open,
  PREFIX,
  raw,
  roundTrip,
  subscribe,
  TRUST_NODE,
  victim,
} from './test-hostile-bench.js';
import { type RawClient, until } from './test-raw-client.js';

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
