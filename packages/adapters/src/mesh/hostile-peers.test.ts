/** Who may not link, and what a link does on bytes that no endpoint sends; THREATS "Mesh". */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, vi } from 'vitest';
import { encodeFrame, FRAME_KIND } from './frame-reader.js';
import { tlsSettings } from './secure-socket.js';
import {
  bothKeys,
  bothUp,
  cleanups,
  credentials,
  ended,
  HOST,
  helloOf,
  Keys,
  node,
  rawClient,
  to,
  trust,
  WAIT,
} from './test-endpoints.js';

describe('who may link', () => {
  it('refuses a dialler whose key is not on the ledger', async () => {
    const a = await node(0, bothKeys());
    const stranger = await node(1, bothKeys(), { key: 3, dial: [to('trust:0', a.port)] });
    await vi.waitFor(() => {
      expect(ended(a, 'mesh-peer-unknown')).toBeGreaterThan(0);
      expect(stranger.endpoint.peers()[0]!.refusedWith).toBe('mesh-peer-unknown');
    }, WAIT);
    expect([...a.events, ...stranger.events]).toEqual([]);
  });

  it('refuses a listener whose key is not on the ledger', async () => {
    const impostor = await node(0, bothKeys(), { key: 3 });
    const b = await node(1, bothKeys(), { dial: [to('trust:0', impostor.port)] });
    await vi.waitFor(() => expect(ended(b, 'mesh-peer-unknown')).toBeGreaterThan(1), WAIT);
    expect([...impostor.events, ...b.events]).toEqual([]);
  });

  it('refuses a known peer that answers in place of another', async () => {
    const keys = new Keys([1, trust(0)], [2, trust(1)], [3, trust(2)]);
    const other = await node(2, keys);
    const b = await node(1, keys, { dial: [to('trust:0', other.port)] });
    await vi.waitFor(() => expect(ended(b, 'mesh-wrong-peer')).toBeGreaterThan(0), WAIT);
    expect([...other.events, ...b.events]).toEqual([]);
  });

  it('refuses a peer that claims another name than its key has', async () => {
    const a = await node(0, bothKeys());
    const { socket } = await rawClient(a.port, tlsSettings(credentials(2)));
    socket.write(helloOf(trust(5)));
    await vi.waitFor(() => expect(ended(a, 'mesh-wrong-peer')).toBe(1), WAIT);
    expect(a.events).toEqual([]);
  });

  it('refuses another network on both sides', async () => {
    const a = await node(0, bothKeys());
    const b = await node(1, bothKeys(), { network: new Uint8Array(32), dial: [to('trust:0', a.port)] });
    await vi.waitFor(() => {
      expect(ended(a, 'mesh-wrong-network')).toBeGreaterThan(0);
      expect(b.endpoint.peers()[0]!.refusedWith).toBe('mesh-wrong-network');
    }, WAIT);
    expect([...a.events, ...b.events]).toEqual([]);
  });

  it('refuses another mesh version', async () => {
    const a = await node(0, bothKeys());
    const { socket, received } = await rawClient(a.port, tlsSettings(credentials(2)));
    const hello = helloOf(trust(1));
    hello.writeUInt16LE(2, 5);
    socket.write(hello);
    await vi.waitFor(() => expect(ended(a, 'mesh-version')).toBe(1), WAIT);
    await vi.waitFor(() => expect(received().toString('latin1')).toContain('mesh-version'), WAIT);
  });

  it.each([
    [
      'TLS 1.2',
      { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ALPNProtocols: ['iotw/1'] },
      'mesh-handshake-failed',
    ],
    ['no certificate', { ALPNProtocols: ['iotw/1'] }, 'mesh-no-certificate'],
    ['another ALPN', { ...tlsSettings(credentials(2)), ALPNProtocols: ['h2'] }, 'mesh-handshake-failed'],
    ['no ALPN', { ...tlsSettings(credentials(2)), ALPNProtocols: undefined }, 'mesh-version'],
  ])('refuses a client with %s', async (_, settings, code) => {
    const a = await node(0, bothKeys());
    const { socket } = await rawClient(a.port, settings);
    await vi.waitFor(() => expect(a.endpoint.stats().ended).toEqual({ [code]: 1 }), WAIT);
    await vi.waitFor(() => expect(socket.destroyed).toBe(true), WAIT);
    await vi.waitFor(() => expect(a.endpoint.stats().handshakes).toBe(0), WAIT);
  });
});

it('never resumes a session: every link proves its key again', async () => {
  const a = await node(0, bothKeys());
  const first = connectTls({ host: HOST, port: a.port, ...tlsSettings(credentials(2)) });
  first.on('error', () => {});
  const session = new Promise<Buffer>((resolve) => first.once('session', resolve));
  first.once('secureConnect', () => first.write(helloOf(trust(1))));
  await vi.waitFor(() => expect(a.endpoint.stats().links).toBe(1), WAIT);
  const ticket = await Promise.race([session, new Promise<undefined>((r) => setTimeout(r, 200, undefined))]);
  first.destroy();
  const second = await rawClient(a.port, {
    ...tlsSettings(credentials(2)),
    session: ticket ?? first.getSession(),
  });
  expect(second.socket.isSessionReused()).toBe(false);
});

describe('hostile bytes', () => {
  it.each([
    ['garbage before TLS', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['random bytes', Buffer.alloc(3_000, 0xa5)],
  ])('drops %s', async (_, bytes) => {
    const a = await node(0, bothKeys());
    const socket = connectTcp(a.port, HOST);
    socket.on('error', () => {});
    socket.write(bytes);
    await vi.waitFor(() => expect(ended(a, 'mesh-handshake-failed')).toBe(1), WAIT);
    await vi.waitFor(() => expect(socket.closed).toBe(true), WAIT);
  });

  const data = encodeFrame(FRAME_KIND.data, new Uint8Array(1));
  const claims = (bytes: number, kind: number): Buffer => {
    const header = Buffer.alloc(5);
    header.writeUInt32LE(bytes, 0);
    header[4] = kind;
    return header;
  };
  it.each([
    ['data before hello', false, data, 'mesh-bad-frame'],
    ['a short hello', false, encodeFrame(FRAME_KIND.hello, Uint8Array.of(1, 0)), 'mesh-bad-frame'],
    ['a second hello', true, helloOf(trust(1)), 'mesh-bad-frame'],
    ['an unknown kind', true, claims(0, 77), 'mesh-bad-frame'],
    ['garbage', true, Buffer.alloc(100, 0xff), 'mesh-bad-frame'],
    [
      'a data frame above the limit',
      true,
      claims(4 * 1024 * 1024 + 1, FRAME_KIND.data),
      'mesh-frame-too-large',
    ],
    ['a control frame above its limit', true, claims(129, FRAME_KIND.ping), 'mesh-frame-too-large'],
    [
      'data after bye',
      true,
      Buffer.concat([encodeFrame(FRAME_KIND.bye, Uint8Array.of(1)), data]),
      'mesh-bad-frame',
    ],
  ])('closes a link on %s', async (_, greeted, bytes, code) => {
    const a = await node(0, bothKeys());
    const { socket, received } = await rawClient(a.port, tlsSettings(credentials(2)));
    if (greeted) {
      socket.write(helloOf(trust(1)));
      await vi.waitFor(() => expect(a.events).toEqual(['trust:1 up connected']), WAIT);
    }
    socket.write(bytes);
    await vi.waitFor(() => expect(ended(a, code)).toBe(1), WAIT);
    await vi.waitFor(() => expect(received().toString('latin1')).toContain(code), WAIT);
    expect(a.frames).toEqual([]);
  });

  it.each([
    ['silence before TLS', undefined, 'mesh-handshake-timeout'],
    ['silence before hello', Buffer.alloc(0), 'mesh-handshake-timeout'],
    ['half a frame', Buffer.concat([helloOf(trust(1)), data.subarray(0, 5)]), 'mesh-frame-timeout'],
    ['silence after hello', helloOf(trust(1)), 'mesh-idle-timeout'],
  ])('times out on %s', async (_, bytes, code) => {
    const a = await node(0, bothKeys(), {
      limits: { handshakeTimeoutMs: 200, frameTimeoutMs: 200, idleTimeoutMs: 600 },
    });
    if (bytes === undefined) {
      const socket = connectTcp(a.port, HOST);
      cleanups.push(() => socket.destroy());
    } else {
      const { socket } = await rawClient(a.port, tlsSettings(credentials(2)));
      socket.write(bytes);
    }
    await vi.waitFor(() => expect(ended(a, code)).toBe(1), WAIT);
    expect(a.endpoint.stats().links).toBe(0);
  });

  it('bounds unfinished handshakes', async () => {
    const a = await node(0, bothKeys(), { limits: { maxHandshakesPerAddress: 2 } });
    const sockets = [0, 1, 2, 3].map(() => connectTcp(a.port, HOST).on('error', () => {}));
    cleanups.push(() => sockets.forEach((socket) => void socket.destroy()));
    await vi.waitFor(() => expect(ended(a, 'mesh-handshakes-full')).toBe(2), WAIT);
    expect(a.endpoint.stats().handshakes).toBe(2);
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(() => expect(a.endpoint.stats().handshakes).toBe(0), WAIT);
    const b = await node(1, bothKeys(), { dial: [to('trust:0', a.port)] });
    await bothUp(a, b);
  });

  it('bounds links', async () => {
    const keys = new Keys([1, trust(0)], [2, trust(1)], [3, trust(2)]);
    const a = await node(0, keys, { limits: { maxLinks: 1 } });
    await node(1, keys, { dial: [to('trust:0', a.port)] });
    await vi.waitFor(() => expect(a.endpoint.stats().links).toBe(1), WAIT);
    const c = await node(2, keys, { dial: [to('trust:0', a.port)] });
    await vi.waitFor(() => expect(c.endpoint.peers()[0]!.refusedWith).toBe('mesh-links-full'), WAIT);
  });

  it('bounds what waits for a slow reader, then closes it', async () => {
    const a = await node(0, new Keys([1, trust(0)], [2, trust(1)], [3, trust(2)]), {
      limits: { maxQueuedBytes: 4 << 20, slowPeerMs: 300, idleTimeoutMs: 60_000 },
    });
    const { socket } = await rawClient(a.port, tlsSettings(credentials(2)));
    socket.write(helloOf(trust(1)));
    await vi.waitFor(() => expect(a.events).toEqual(['trust:1 up connected']), WAIT);
    socket.pause();
    let refused = 0;
    let mostQueued = 0;
    await vi.waitFor(() => {
      for (let i = 0; i < 64; i += 1) {
        if (!a.endpoint.send('trust:1', new Uint8Array(1 << 18))) refused += 1;
      }
      for (const peer of a.endpoint.peers()) mostQueued = Math.max(mostQueued, peer.queuedBytes);
      expect(ended(a, 'mesh-slow-peer')).toBe(1);
    }, WAIT);
    expect(mostQueued).toBeGreaterThan(3 << 20);
    expect(mostQueued).toBeLessThanOrEqual((4 << 20) + 4096);
    expect(refused).toBeGreaterThan(0);
    expect(a.events).toEqual(['trust:1 up connected', 'trust:1 down mesh-slow-peer']);
  });
});
