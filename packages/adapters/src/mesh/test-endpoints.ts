/** Mesh endpoints on free ports with a list of keys that tests may change, and hand-made clients that are none. */
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, expect, vi } from 'vitest';
import { freePorts } from '../free-ports.js';
import { MeshEndpoint } from './endpoint.js';
import { encodeFrame, FRAME_KIND } from './frame-reader.js';
import { encodeHello } from './hello.js';
import type { MeshLimits } from './limits.js';
import { type LinkCredentials, linkCredentials, linkKeyPair } from './link-certificate.js';
import { type MeshOptions, type PeerId, type PeerIdentity, peerId } from './types.js';

export const NETWORK = new Uint8Array(32).fill(9);
export const HOST = '127.0.0.1';
export const WAIT = { timeout: 20_000, interval: 10 };
const FAST: Partial<MeshLimits> = { backoffFirstMs: 20, backoffCapMs: 100, tickMs: 20 };

export const seed = (n: number): Uint8Array => new Uint8Array(32).fill(n);
export const trust = (index: number): PeerIdentity => ({ role: 'trust', index });

/** A ledger's list of link keys that tests may change. */
export class Keys {
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

export const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export interface Node {
  endpoint: MeshEndpoint;
  port: number;
  frames: Uint8Array[];
  events: string[];
}

type NodeOptions = Partial<Omit<MeshOptions, 'listen'>> & { key?: number; listenPort?: number };

/** An endpoint trust:index with link seed `key` (the index + 1 unless told), listening on a free port. */
export async function node(index: number, keys: Keys, options: NodeOptions = {}): Promise<Node> {
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

export const to = (peer: PeerId, port: number) => ({ peer, host: HOST, port });
export const ended = (n: Node, code: string): number =>
  (n.endpoint.stats().ended as Record<string, number>)[code] ?? 0;
export const bothKeys = (): Keys => new Keys([1, trust(0)], [2, trust(1)]);

/** trust:0 listens, trust:1 dials it; both up. */
export async function pair(keys = bothKeys(), limits: Partial<MeshLimits> = {}): Promise<[Node, Node]> {
  const a = await node(0, keys, { limits });
  const b = await node(1, keys, { dial: [to('trust:0', a.port)], limits });
  await bothUp(a, b);
  return [a, b];
}

export async function bothUp(a: Node, b: Node): Promise<void> {
  await vi.waitFor(() => {
    expect(a.endpoint.stats().links).toBe(1);
    expect(b.endpoint.stats().links).toBe(1);
  }, WAIT);
}

/** A hand-made TLS client that is no endpoint. */
export async function rawClient(
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

export const credentials = (n: number): LinkCredentials => linkCredentials(seed(n));
export const helloOf = (identity: PeerIdentity, network = NETWORK): Buffer =>
  encodeFrame(
    FRAME_KIND.hello,
    encodeHello({ network, identity, instance: new Uint8Array(16).fill(7), dial: 1, maxFrameBytes: 1 << 22 }),
  );
export const numbered = (i: number): Uint8Array => {
  const frame = new Uint8Array(8 + (i % 900));
  new DataView(frame.buffer).setUint32(0, i);
  return frame;
};
export const numberOf = (frame: Uint8Array): number =>
  new DataView(frame.buffer, frame.byteOffset).getUint32(0);

export const open = (n: Node): number => n.endpoint.stats().openSockets;

export async function freePort(): Promise<number> {
  return (await freePorts(HOST, 1))[0]!;
}
