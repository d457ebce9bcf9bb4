import { toHex, utf8 } from '@iotw/kernel/bytes';
import { expect, it } from 'vitest';
import { type Hello, helloMessage, hostMoveMessage, parseHello, parseHostMove } from './hello.js';
import { MAX_ADDRESS_BYTES } from './limits.js';

const HELLO: Hello = {
  protocolVersion: 1,
  network: new Uint8Array(32).fill(7),
  trustNode: 3,
  epoch: 9,
  laneKeys: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
  session: '00112233445566ff',
};

it.each<[string, Hello]>([
  ['the least', HELLO],
  ['with the length of an epoch', { ...HELLO, epochMs: 10_000 }],
  ['of an external broker', { ...HELLO, announce: true }],
])('a hello comes back: %s', (_what, hello) => {
  expect(parseHello(helloMessage(hello))).toEqual({ ok: true, value: hello });
});

it.each<[string, string, boolean]>([
  ['a host and a port', 'mqtts://trust-1.example.net:8883', true],
  ['the longest that the ledger takes', 'mqtt://'.padEnd(MAX_ADDRESS_BYTES, 'x'), true],
  ['one more', 'mqtt://'.padEnd(MAX_ADDRESS_BYTES + 1, 'x'), false],
  ['no host', 'wss://', false],
  ['another scheme', 'https://x', false],
  ['a blank', 'ws://x y', false],
  ['a line after it', 'ws://x\n', false],
])('where a device is sent: %s', (_what, address, good) => {
  const move = { trustNode: 2, address, epoch: 7 };
  expect(parseHostMove(hostMoveMessage(move))).toEqual(good ? move : undefined);
  const hosts = [{ trustNode: 2, address }];
  expect(parseHello(helloMessage({ ...HELLO, hosts }))).toMatchObject({
    value: { hosts: good ? hosts : [] },
  });
});

const json = (change: Record<string, unknown>) => {
  const plain = JSON.parse(new TextDecoder().decode(helloMessage(HELLO))) as Record<string, unknown>;
  return utf8(JSON.stringify({ ...plain, ...change }));
};

it.each<[string, Uint8Array]>([
  ['no JSON', utf8('{')],
  ['no UTF-8', Uint8Array.of(0xff)],
  ['null', utf8('null')],
  ['a short network', json({ network: toHex(new Uint8Array(31)) })],
  ['a negative epoch', json({ epoch: -1 })],
  ['a broken trust node', json({ trustNode: 1.5 })],
  ['no session', json({ session: undefined })],
  ['a lane key of 31 bytes', json({ laneKeys: [toHex(new Uint8Array(31))] })],
])('refuses %s', (_what, bytes) => {
  expect(parseHello(bytes)).toMatchObject({ ok: false, error: { code: 'mqtt-hello-malformed' } });
});

it('a nonsensical epoch length is as good as none', () => {
  for (const epochMs of [0, -1, 'x', null]) {
    const parsed = parseHello(json({ epochMs }));
    expect(parsed.ok && parsed.value.epochMs).toBe(undefined);
  }
});
