import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MeshEndpoint } from './endpoint.js';
import { encodeFrame, FRAME_KIND } from './frame-reader.js';
import { encodeHello } from './hello.js';
import type { MeshLimits } from './limits.js';
import { type LinkCredentials, linkCredentials, linkKeyPair } from './link-certificate.js';
import { tlsSettings } from './secure-socket.js';
import { type MeshOptions, type PeerId, type PeerIdentity, peerId } from './types.js';

const NETWORK = new Uint8Array(32).fill(9);
const HOST = '127.0.0.1';
const WAIT = { timeout: 20_000, interval: 10 };
const FAST: Partial<MeshLimits> = { backoffFirstMs: 20, backoffCapMs: 100, tickMs: 20 };

const seed = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const trust = (index: number): PeerIdentity => ({ role: 'trust', index });

/** A ledger's list of link keys that tests may change. */
class Keys {
  readonly rows = new Map<string, PeerIdentity>();
  constructor(...seeds: [number, PeerIdentity][]) {
    for (const [n, identity] of seeds) this.set(n, identity);
  }
  set(n: number, identity: PeerIdentity): void {
    this.rows.set(keyText(linkKeyPair(seed(n)).publicKey), identity);
  }
  delete(n: number): void {
    this.rows.delete(keyText(linkKeyPair(seed(n)).publicKey));
  }
  readonly allowed = (key: Uint8Array): PeerIdentity | undefined => this.rows.get(keyText(key));
}
const keyText = (key: Uint8Array): string => Buffer.from(key).toString('hex');

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Node {
  endpoint: MeshEndpoint;
  port: number;
  frames: Uint8Array[];
  events: string[];
}

type NodeOptions = Partial<Omit<MeshOptions, 'listen'>> & { key?: number; listenPort?: number };

/** An endpoint trust:index with link seed `key` (the index + 1 unless told), listening on a free port. */
async function node(index: number, keys: Keys, options: NodeOptions = {}): Promise<Node> {
  const { key, listenPort, ...rest } = options;
  const endpoint = new MeshEndpoint({
    network: NETWORK,
    self: trust(index),
    linkSeed: seed(key ?? index + 1),
    listen: { host: HOST, port: listenPort ?? 0 },
    dial: [],
    allowed: keys.allowed,
    ...rest,
    limits: { ...FAST, ...rest.limits },
  });
  const made: Node = { endpoint, port: 0, frames: [], events: [] };
  endpoint.onFrame = (_, frame) => made.frames.push(Uint8Array.from(frame));
  endpoint.onPeer = (peer, state, reason) => made.events.push(`${peerId(peer)} ${state} ${reason}`);
  const started = await endpoint.start();
  if (!started.ok) throw new Error(started.error.code);
  made.port = started.value.port;
  cleanups.push(() => endpoint.close());
  return made;
}

const to = (peer: PeerId, port: number) => ({ peer, host: HOST, port });
const ended = (n: Node, code: string): number =>
  (n.endpoint.stats().ended as Record<string, number>)[code] ?? 0;
const bothKeys = (): Keys => new Keys([1, trust(0)], [2, trust(1)]);

/** trust:0 listens, trust:1 dials it; both up. */
async function pair(keys = bothKeys(), limits: Partial<MeshLimits> = {}): Promise<[Node, Node]> {
  const a = await node(0, keys, { limits });
  const b = await node(1, keys, { dial: [to('trust:0', a.port)], limits });
  await bothUp(a, b);
  return [a, b];
}

async function bothUp(a: Node, b: Node): Promise<void> {
  await vi.waitFor(() => {
    expect(a.endpoint.stats().links).toBe(1);
    expect(b.endpoint.stats().links).toBe(1);
  }, WAIT);
}

/** A hand-made TLS client that is no endpoint. */
async function rawClient(
  port: number,
  settings: object,
): Promise<{ socket: TLSSocket; received: () => Buffer }> {
  const socket = connectTls({ host: HOST, port, rejectUnauthorized: false, ...settings });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  cleanups.push(() => socket.destroy());
  await new Promise<void>((resolve) => {
    socket.once('secureConnect', resolve);
    socket.once('close', () => resolve());
  });
  return { socket, received: () => Buffer.concat(chunks) };
}

const credentials = (n: number): LinkCredentials => linkCredentials(seed(n));
const helloOf = (identity: PeerIdentity, network = NETWORK): Buffer =>
  encodeFrame(
    FRAME_KIND.hello,
    encodeHello({ network, identity, instance: new Uint8Array(16).fill(7), dial: 1, maxFrameBytes: 1 << 22 }),
  );
const numbered = (i: number): Uint8Array => {
  const frame = new Uint8Array(8 + (i % 900));
  new DataView(frame.buffer).setUint32(0, i);
  return frame;
};
const numberOf = (frame: Uint8Array): number => new DataView(frame.buffer, frame.byteOffset).getUint32(0);

describe('frames', () => {
  it('exchanges 10,000 frames both ways, whole and in order', async () => {
    const [a, b] = await pair();
    for (let i = 0; i < 10_000; i += 1) {
      expect(a.endpoint.send('trust:1', numbered(i))).toBe(true);
      expect(b.endpoint.send('trust:0', numbered(i))).toBe(true);
    }
    await vi.waitFor(() => expect([a.frames.length, b.frames.length]).toEqual([10_000, 10_000]), WAIT);
    for (const n of [a, b]) {
      expect(n.frames.every((frame, i) => numberOf(frame) === i && frame.length === 8 + (i % 900))).toBe(
        true,
      );
    }
    expect(a.endpoint.stats()).toMatchObject({ framesSent: 10_000, framesReceived: 10_000, links: 1 });
  });

  it('carries an empty frame and one of the largest size, refuses a larger one', async () => {
    const [a, b] = await pair(bothKeys(), { maxFrameBytes: 1 << 20 });
    expect(b.endpoint.send('trust:0', new Uint8Array(0))).toBe(true);
    expect(b.endpoint.send('trust:0', new Uint8Array(1 << 20).fill(3))).toBe(true);
    expect(b.endpoint.send('trust:0', new Uint8Array((1 << 20) + 1))).toBe(false);
    await vi.waitFor(() => expect(a.frames.map((frame) => frame.length)).toEqual([0, 1 << 20]), WAIT);
    expect(a.frames[1]!.every((byte) => byte === 3)).toBe(true);
    expect(b.endpoint.stats().sendTooLarge).toBe(1);
  });

  it('refuses frames to a peer that is down', async () => {
    const a = await node(0, bothKeys());
    expect(a.endpoint.send('trust:1', new Uint8Array(1))).toBe(false);
    expect(a.endpoint.stats().sendNoLink).toBe(1);
  });

  it('loses nothing that was queued when the sender closes', async () => {
    const [a, b] = await pair();
    for (let i = 0; i < 2_000; i += 1) b.endpoint.send('trust:0', numbered(i));
    await b.endpoint.close();
    await vi.waitFor(() => expect(a.frames.length).toBe(2_000), WAIT);
    expect(a.events).toEqual(['trust:1 up connected', 'trust:1 down mesh-peer-closed']);
    expect(b.events).toEqual(['trust:0 up connected', 'trust:0 down mesh-endpoint-closed']);
  });

  it('measures a heartbeat', async () => {
    const [, b] = await pair(bothKeys(), { heartbeatMs: 30 });
    await vi.waitFor(() => expect(b.endpoint.peers()[0]!.rttMs).toBeGreaterThan(0), WAIT);
  });
});

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

describe('links over time', () => {
  it('comes back after the peer restarts on the same port', async () => {
    const keys = bothKeys();
    const a = await node(0, keys);
    const b = await node(1, keys, { dial: [to('trust:0', a.port)] });
    await bothUp(a, b);
    await a.endpoint.close();
    await vi.waitFor(() => expect(b.endpoint.stats().links).toBe(0), WAIT);
    const again = await node(0, keys, { listenPort: a.port });
    await bothUp(again, b);
    expect(b.endpoint.send('trust:0', numbered(5))).toBe(true);
    await vi.waitFor(() => expect(again.frames.map(numberOf)).toEqual([5]), WAIT);
    expect(b.events).toEqual([
      'trust:0 up connected',
      'trust:0 down mesh-peer-closed',
      'trust:0 up connected',
    ]);
  });

  it('takes a restarted peer at once although the old link looks alive', async () => {
    const a = await node(0, bothKeys());
    const { socket } = await rawClient(a.port, tlsSettings(credentials(2)));
    socket.write(helloOf(trust(1)));
    await vi.waitFor(() => expect(a.endpoint.stats().links).toBe(1), WAIT);
    const b = await node(1, bothKeys(), { dial: [to('trust:0', a.port)] });
    await bothUp(a, b);
    expect(a.events.slice(1)).toEqual(['trust:1 down mesh-peer-restarted', 'trust:1 up connected']);
  });

  it('ends with one link when both dial at once, losing and reordering nothing', async () => {
    for (let round = 0; round < 5; round += 1) {
      const keys = bothKeys();
      const [portA, portB] = [await freePort(), await freePort()];
      const sent = { a: 0, b: 0 };
      const [a, b] = await Promise.all([
        node(0, keys, { listenPort: portA, dial: [to('trust:1', portB)] }),
        node(1, keys, { listenPort: portB, dial: [to('trust:0', portA)] }),
      ]);
      await vi.waitFor(
        () => {
          // Frames flow from the first moment, over whatever link is live then.
          if (a.endpoint.send('trust:1', numbered(sent.a))) sent.a += 1;
          if (b.endpoint.send('trust:0', numbered(sent.b))) sent.b += 1;
          expect(Math.min(sent.a, sent.b)).toBeGreaterThan(40);
        },
        { timeout: 20_000, interval: 1 },
      );
      await vi.waitFor(() => expect([a.frames.length, b.frames.length]).toEqual([sent.b, sent.a]), WAIT);
      for (const n of [a, b]) expect(n.frames.map(numberOf)).toEqual(n.frames.map((_, i) => i));
      await vi.waitFor(() => expect([open(a), open(b)]).toEqual([1, 1]), WAIT);
      expect([a.events.length, b.events.length]).toEqual([1, 1]);
      await Promise.all([a.endpoint.close(), b.endpoint.close()]);
      for (const n of [a, b]) expect(ended(n, 'mesh-drain-timeout')).toBe(0);
    }
  });

  it.each([
    ['once its own dial is live', true],
    ['while its own dial still waits for hello', false],
  ])('hands over to the dial of the lower peer in the order it sent: %s', async (_, dialIsLive) => {
    // A hand-made trust:0 whose two connections deliver late in the worst way.
    const dialed: TLSSocket[] = [];
    const server = createTlsServer({ ...tlsSettings(credentials(1)) }, (socket) => {
      socket.on('error', () => {}).resume();
      dialed.push(socket);
    });
    await new Promise<void>((resolve) => void server.listen(0, HOST, resolve));
    cleanups.push(() => {
      for (const socket of dialed) socket.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const b = await node(1, bothKeys(), { dial: [to('trust:0', port)] });
    await vi.waitFor(() => expect([dialed.length, open(b)]).toEqual([1, 1]), WAIT);
    if (dialIsLive) {
      dialed[0]!.write(helloOf(trust(0)));
      await vi.waitFor(() => expect(b.endpoint.stats().links).toBe(1), WAIT);
    }
    const preferred = await rawClient(b.port, tlsSettings(credentials(1)));
    preferred.socket.write(helloOf(trust(0)));
    await vi.waitFor(() => expect(preferred.received().length).toBeGreaterThan(0), WAIT);
    preferred.socket.write(encodeFrame(FRAME_KIND.data, Uint8Array.of(2)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(b.frames).toEqual([]);
    if (!dialIsLive) dialed[0]!.write(helloOf(trust(0)));
    dialed[0]!.write(encodeFrame(FRAME_KIND.data, Uint8Array.of(1)));
    dialed[0]!.write(encodeFrame(FRAME_KIND.bye, Uint8Array.of(1)));
    await vi.waitFor(() => expect(b.frames).toEqual([Uint8Array.of(1), Uint8Array.of(2)]), WAIT);
    expect(b.events).toEqual(['trust:0 up connected']);
    expect([open(b), ended(b, 'mesh-replaced')]).toEqual([1, 1]);
  });

  it.each(['dialling', 'accepting'])(
    'rotates the key of the %s side without losing a frame',
    async (side) => {
      const keys = bothKeys();
      const [a, b] = await pair(keys, { heartbeatMs: 50 });
      const [turning, index, newSeed] = side === 'dialling' ? [b, 1, 4] : [a, 0, 4];
      let sent = 0;
      const both = (): void => {
        a.endpoint.send('trust:1', numbered(sent));
        b.endpoint.send('trust:0', numbered(sent));
        sent += 1;
      };
      both();
      keys.set(newSeed, trust(index));
      turning.endpoint.rotate(linkKeyPair(seed(newSeed)));
      await vi.waitFor(() => {
        both();
        expect([ended(a, 'mesh-replaced'), ended(b, 'mesh-replaced')]).toEqual([1, 1]);
      }, WAIT);
      // The old key leaves the ledger: the new link stays.
      keys.delete(index + 1);
      a.endpoint.updateAllowed();
      b.endpoint.updateAllowed();
      both();
      await vi.waitFor(() => expect([a.frames.length, b.frames.length]).toEqual([sent, sent]), WAIT);
      for (const n of [a, b]) expect(n.frames.map(numberOf)).toEqual(n.frames.map((_, i) => i));
      expect([a.events.length, b.events.length]).toEqual([1, 1]);
    },
  );

  it('closes a link whose key left the ledger and takes it back when it returns', async () => {
    const keysOfA = bothKeys();
    const a = await node(0, keysOfA);
    const b = await node(1, bothKeys(), { dial: [to('trust:0', a.port)] });
    await bothUp(a, b);
    a.endpoint.updateAllowed();
    expect(a.endpoint.stats().links).toBe(1);
    keysOfA.delete(2);
    a.endpoint.updateAllowed();
    expect(a.events.at(-1)).toBe('trust:1 down mesh-key-retired');
    await vi.waitFor(() => expect(ended(a, 'mesh-peer-unknown')).toBeGreaterThan(0), WAIT);
    expect(b.endpoint.peers()[0]!.refusedWith).toMatch(/mesh-(key-retired|peer-unknown)/);
    keysOfA.set(2, trust(1));
    await bothUp(a, b);
  });

  it('closes a link whose key now belongs to another peer', async () => {
    const keys = bothKeys();
    const [a] = await pair(keys);
    keys.set(2, trust(7));
    a.endpoint.updateAllowed();
    expect(ended(a, 'mesh-key-retired')).toBe(1);
  });

  it('gives up on a listener that never says hello', async () => {
    const server = createTlsServer({ ...tlsSettings(credentials(1)) }, (socket) =>
      socket.on('error', () => {}),
    );
    await new Promise<void>((resolve) => void server.listen(0, HOST, resolve));
    cleanups.push(() => server.close());
    const port = (server.address() as AddressInfo).port;
    const b = await node(1, bothKeys(), { dial: [to('trust:0', port)], limits: { handshakeTimeoutMs: 150 } });
    await vi.waitFor(() => expect(ended(b, 'mesh-handshake-timeout')).toBeGreaterThan(1), WAIT);
    expect(b.events).toEqual([]);
    await b.endpoint.close();
  });
});

describe('starting and closing', () => {
  it('says when the port is taken', async () => {
    const a = await node(0, bothKeys());
    const endpoint = new MeshEndpoint({
      network: NETWORK,
      self: trust(1),
      linkSeed: seed(2),
      listen: { host: HOST, port: a.port },
      dial: [],
      allowed: () => undefined,
    });
    const started = await endpoint.start();
    expect(started).toMatchObject({ ok: false, error: { code: 'mesh-port-taken', data: { port: a.port } } });
    if (!started.ok) expect(started.error.message).toMatch(/^Another process listens on .*\.$/);
    await endpoint.close();
  });

  it('counts a target that does not answer and closes while dialling', async () => {
    const b = await node(1, bothKeys(), { dial: [to('trust:0', await freePort())] });
    await vi.waitFor(() => expect(ended(b, 'mesh-connect-failed')).toBeGreaterThan(1), WAIT);
    expect(b.endpoint.peers()).toMatchObject([
      { peer: 'trust:0', state: 'down', lastReason: 'mesh-connect-failed' },
    ]);
    await b.endpoint.close();
    await b.endpoint.close();
  });
});

const open = (n: Node): number => n.endpoint.stats().openSockets;

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => void server.listen(0, HOST, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
