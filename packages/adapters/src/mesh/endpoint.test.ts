/** Frames between endpoints, and links that come, go and change their keys. */
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { describe, expect, it, vi } from 'vitest';
import { MeshEndpoint } from './endpoint.js';
import { encodeFrame, FRAME_KIND } from './frame-reader.js';
import { linkKeyPair } from './link-certificate.js';
import { tlsSettings } from './secure-socket.js';
import {
  bothKeys,
  bothUp,
  cleanups,
  credentials,
  ended,
  freePort,
  HOST,
  helloOf,
  NETWORK,
  node,
  numbered,
  numberOf,
  open,
  pair,
  rawClient,
  seed,
  to,
  trust,
  WAIT,
} from './test-endpoints.js';

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
