import { linkKeyPair } from '@iotw/adapters/mesh/link-certificate';
import type { PeerId, PeerIdentity } from '@iotw/adapters/mesh/types';
import { toHex } from '@iotw/kernel/bytes';
import type { PeerMessage } from '@iotw/nodes/messages';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MeshLinks, type MeshPeer } from './mesh-links.js';

const HOST = '127.0.0.1';
const WAIT = { timeout: 20_000, interval: 10 };
const network = new Uint8Array(32).fill(7);
const seed = (n: number) => new Uint8Array(32).fill(n);
const publicKey = (n: number) => linkKeyPair(seed(n)).publicKey;

const open: MeshLinks[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((links) => links.close()));
});

/** Who has which link key, and may change. */
class Ledger {
  readonly keys = new Map<string, PeerIdentity>([
    [toHex(publicKey(1)), { role: 'ledger', index: 0 }],
    [toHex(publicKey(2)), { role: 'trust', index: 0 }],
    [toHex(publicKey(3)), { role: 'trust', index: 1 }],
  ]);
  readonly peerOf = (key: Uint8Array): PeerIdentity | undefined => this.keys.get(toHex(key));
}

interface Side {
  readonly links: MeshLinks;
  readonly port: number;
  readonly got: [from: string, to: string, message: PeerMessage][];
  settled: number;
}

async function side(
  self: PeerId,
  seedNumber: number,
  ledger: Ledger,
  peers: readonly MeshPeer[] = [],
  unheard = false,
  nextSeed?: number,
): Promise<Side> {
  const got: Side['got'] = [];
  const made = { got, settled: 0 };
  const links = new MeshLinks({
    network,
    identities: [
      {
        ...{ self, linkSeed: seed(seedNumber), listen: { host: HOST, port: 0 }, peers },
        ...(nextSeed === undefined ? {} : { nextLinkSeed: seed(nextSeed) }),
      },
    ],
    peerOf: ledger.peerOf,
    unheard: () => unheard,
    receive: (from, to, message) => got.push([from, to, message]),
    settle: () => {
      made.settled += 1;
    },
    failpoints: undefined,
  });
  open.push(links);
  const started = await links.start();
  if (!started.ok) throw new Error(started.error.code);
  return Object.assign(made, { links, port: started.value.get(self)! });
}

const dial = (peer: PeerId, { port }: Side): MeshPeer => ({ peer, host: HOST, port });
const ask: PeerMessage = { kind: 'view-request', after: 3 };

async function linked(a: Side, peer: string): Promise<void> {
  await vi.waitFor(() => expect(a.links.peers()).toContainEqual({ peer, up: true }), WAIT);
}

describe('links between processes', () => {
  test('carry a message to the machine it is for', async () => {
    const ledger = new Ledger();
    const server = await side('ledger:0', 1, ledger);
    const node = await side('trust:0', 2, ledger, [dial('ledger:0', server)]);
    await linked(node, 'ledger:0');
    node.links.send('trust:0', 'ledger:0', ask);
    await vi.waitFor(() => expect(server.got).toEqual([['trust:0', 'ledger:0', ask]]), WAIT);
    expect(server.settled).toBeGreaterThan(0);
  });

  test('drop what its sender has no business to say, and what is no message', async () => {
    const ledger = new Ledger();
    const server = await side('ledger:0', 1, ledger);
    const node = await side('trust:0', 2, ledger, [dial('ledger:0', server)]);
    await linked(node, 'ledger:0');
    const reset = { lane: 1, incarnation: 0, reason: 0, signature: new Uint8Array(64) };
    node.links.send('trust:0', 'ledger:0', { kind: 'reset', reset });
    // A proof of 79 bytes.
    node.links.send('trust:0', 'ledger:0', { kind: 'seed-proof', epoch: 1, proof: new Uint8Array(79) });
    node.links.send('trust:0', 'ledger:0', ask);
    await vi.waitFor(() => expect(server.got).toEqual([['trust:0', 'ledger:0', ask]]), WAIT);
    expect(server.links.refused).toEqual({ malformed: 1, claims: 1 });
  });

  test('close when the ledger lists another key, and come back under the new one', async () => {
    const ledger = new Ledger();
    const server = await side('ledger:0', 1, ledger);
    const node = await side('trust:0', 2, ledger, [dial('ledger:0', server)]);
    await linked(server, 'trust:0');
    ledger.keys.delete(toHex(publicKey(2)));
    ledger.keys.set(toHex(publicKey(5)), { role: 'trust', index: 0 });
    server.links.updateAllowed();
    await vi.waitFor(() => expect(server.links.peers()).toEqual([{ peer: 'trust:0', up: false }]), WAIT);
    node.links.hold('trust:0', seed(5), undefined);
    await linked(server, 'trust:0');
  });

  test('take the next key by themselves once the ledger lists it', async () => {
    const ledger = new Ledger();
    const server = await side('ledger:0', 1, ledger);
    const node = await side('trust:0', 2, ledger, [dial('ledger:0', server)], false, 5);
    await linked(server, 'trust:0');
    ledger.keys.delete(toHex(publicKey(2)));
    ledger.keys.set(toHex(publicKey(5)), { role: 'trust', index: 0 });
    server.links.updateAllowed();
    await vi.waitFor(() => expect(server.links.peers()).toEqual([{ peer: 'trust:0', up: false }]), WAIT);
    node.links.updateAllowed();
    await linked(server, 'trust:0');
  });

  test('what is queued for a link in the turn that retires its key leaves first', async () => {
    const ledger = new Ledger();
    const server = await side('ledger:0', 1, ledger);
    const node = await side('trust:0', 2, ledger, [dial('ledger:0', server)]);
    await linked(server, 'trust:0');
    ledger.keys.delete(toHex(publicKey(2)));
    server.links.updateAllowed();
    const assigned = { attempt: 0, role: 0, index: 0, signature: new Uint8Array(64) };
    const word: PeerMessage = { kind: 'assigned', lane: 0, incarnation: 0, height: 1, assigned };
    server.links.send('ledger:0', 'trust:0', word);
    await vi.waitFor(() => expect(server.links.peers()).toEqual([{ peer: 'trust:0', up: false }]), WAIT);
    await vi.waitFor(() => expect(node.got).toEqual([['ledger:0', 'trust:0', word]]), WAIT);
  });

  test('take the next key where a peer says that the present one is retired', async () => {
    const now = new Ledger();
    const server = await side('ledger:0', 1, now);
    const node = await side('trust:0', 2, new Ledger(), [dial('ledger:0', server)], true, 5);
    await linked(node, 'ledger:0');
    now.keys.delete(toHex(publicKey(2)));
    now.keys.set(toHex(publicKey(5)), { role: 'trust', index: 0 });
    server.links.updateAllowed();
    await vi.waitFor(() => expect(server.links.peers()).toEqual([{ peer: 'trust:0', up: false }]), WAIT);
    await vi.waitFor(() => {
      node.links.tick(0);
      expect(server.links.peers()).toEqual([{ peer: 'trust:0', up: true }]);
      expect(node.links.up('trust:0', 'ledger:0')).toBe(true);
      expect(node.links.peers()).toEqual([{ peer: 'ledger:0', up: true }]);
    }, WAIT);
    node.links.send('trust:0', 'ledger:0', ask);
    await vi.waitFor(() => expect(server.got).toEqual([['trust:0', 'ledger:0', ask]]), WAIT);
  });

  test('try both keys where the node was away while its keys were replaced', async () => {
    const now = new Ledger();
    now.keys.delete(toHex(publicKey(2)));
    now.keys.set(toHex(publicKey(5)), { role: 'trust', index: 0 });
    const server = await side('ledger:0', 1, now);
    const old = new Ledger();
    const node = await side('trust:0', 2, old, [dial('ledger:0', server)], true, 5);
    for (const ms of [0, 4_999]) node.links.tick(ms);
    expect(server.links.peers()).toEqual([]);
    node.links.tick(5_000);
    await linked(server, 'trust:0');
    await linked(node, 'ledger:0');
    // While it has a link it stays with that key.
    for (const ms of [6_000, 20_000]) node.links.tick(ms);
    expect(node.links.up('trust:0', 'ledger:0')).toBe(true);
  });

  test('a configured key opens the link only until the ledger was heard', async () => {
    const known = new Ledger();
    const server = await side('ledger:0', 9, known);
    known.keys.set(toHex(publicKey(9)), { role: 'ledger', index: 0 });
    const pinned = [{ ...dial('ledger:0', server), linkKey: publicKey(9) }];
    const waiting = await side('trust:0', 2, new Ledger(), pinned, true);
    await linked(waiting, 'ledger:0');
    const heard = await side('trust:1', 3, new Ledger(), pinned, false);
    await vi.waitFor(() => expect(heard.links.peers()).toEqual([{ peer: 'ledger:0', up: false }]), WAIT);
  });
});
