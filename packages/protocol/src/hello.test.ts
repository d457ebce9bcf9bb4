import { toHex, utf8 } from '@iotw/kernel/bytes';
import { expect, it } from 'vitest';
import { type Hello, helloMessage, parseHello } from './hello.js';

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
