import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import { MeshEndpoint } from '@iotw/adapters/mesh/endpoint';
import { linkKeyPair } from '@iotw/adapters/mesh/link-certificate';
import {
  type LinkKeyPair,
  type PeerId as LinkName,
  type PeerIdentity,
  parsePeerId,
  peerId,
} from '@iotw/adapters/mesh/types';
import { equalBytes } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { decodeMessage, encodeMessage } from '@iotw/nodes/message-codec';
import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import { claimFits } from './message-claims.js';

export interface MeshPeer {
  readonly peer: LinkName;
  readonly host: string;
  readonly port: number;
  /**
   * A link key to take from this peer until this process has heard of the ledger: for one that was away
   * while the peer rotated.
   */
  readonly linkKey?: Uint8Array;
}

/** One node of this process as it meets the others. */
export interface MeshIdentity {
  readonly self: LinkName;
  /** 32-byte Ed25519 seed of the link key that the ledger lists for `self`. */
  readonly linkSeed: Uint8Array;
  /** Of the key that it takes once the ledger lists it. */
  readonly nextLinkSeed?: Uint8Array;
  readonly listen?: { readonly host: string; readonly port: number };
  readonly peers: readonly MeshPeer[];
}

export interface MeshLinksOptions {
  readonly network: Uint8Array;
  readonly identities: readonly MeshIdentity[];
  /** Which node a link key belongs to now, by the ledger. */
  readonly peerOf: (linkKey: Uint8Array) => PeerIdentity | undefined;
  /** Whether the process still waits for its first word of the ledger: only then the configured keys count. */
  readonly unheard: () => boolean;
  /** A message of a peer that may say it. Several may come in one turn before `settled`. */
  readonly receive: (from: PeerId, to: PeerId, message: PeerMessage) => void;
  readonly settle: () => void;
  readonly failpoints: Failpoints | undefined;
  readonly log?: (line: string, data: Readonly<Record<string, unknown>>) => void;
}

/** Frames that were dropped, since the start. */
export interface MeshRefusals {
  /** Not a message. */
  malformed: number;
  /** A message that its sender has no business to send. */
  claims: number;
}

/** Largest message: a view of a hundred thousand devices, or a block of 2 MiB with its certificate. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Without any link for so long, a node that has two link keys tries the other one, ms. */
const LONELY_MS = 5_000;

/** A node's endpoint and the link keys that it may use, the present one first. */
interface Held {
  readonly self: LinkName;
  readonly endpoint: MeshEndpoint;
  links: readonly LinkKeyPair[];
  /** The one in use. */
  link: LinkKeyPair;
  aloneSinceMs: number | undefined;
}

/** The links of all nodes of this process: one endpoint each, so that a link's key is its sender's. */
export class MeshLinks {
  readonly refused: MeshRefusals = { malformed: 0, claims: 0 };
  readonly #options: MeshLinksOptions;
  readonly #held = new Map<PeerId, Held>();
  #settling = false;
  #encodedOf: unknown;
  #encoded: Uint8Array = new Uint8Array(0);

  constructor(options: MeshLinksOptions) {
    this.#options = options;
    for (const identity of options.identities) this.#held.set(identity.self, this.#open(identity));
  }

  #open(identity: MeshIdentity): Held {
    const { network, peerOf, unheard, failpoints, log } = this.#options;
    const { self, listen, peers } = identity;
    const links = linkKeysOf(identity.linkSeed, identity.nextLinkSeed);
    const link = this.#listed(self, links) ?? links[0]!;
    const pinned = (key: Uint8Array): PeerIdentity | undefined => {
      const peer = peers.find(({ linkKey }) => linkKey !== undefined && equalBytes(linkKey, key));
      return peer === undefined || !unheard() ? undefined : parsePeerId(peer.peer);
    };
    const endpoint = new MeshEndpoint({
      network,
      self: parsePeerId(self),
      linkSeed: link.seed,
      ...(listen === undefined ? {} : { listen }),
      dial: peers.map(({ peer, host, port }) => ({ peer, host, port })),
      allowed: (key) => peerOf(key) ?? pinned(key),
      limits: { maxFrameBytes: MAX_MESSAGE_BYTES, maxQueuedBytes: 2 * MAX_MESSAGE_BYTES },
      ...(failpoints === undefined ? {} : { failpoints }),
      ...(log === undefined ? {} : { log }),
    });
    endpoint.onFrame = (peer, frame) => this.#onFrame(peerId(peer), self, frame);
    // A peer that is back may have missed everything: the machines ask and send again at their next tick.
    endpoint.onPeer = () => this.#settleSoon();
    return { self, endpoint, links, link, aloneSinceMs: undefined };
  }

  /** Listens and dials. Errors: those of MeshEndpoint.start. Returns the ports by node. */
  async start(): Promise<Result<ReadonlyMap<PeerId, number>>> {
    const ports = new Map<PeerId, number>();
    for (const [self, { endpoint }] of this.#held) {
      const started = await endpoint.start();
      if (!started.ok) {
        await this.close();
        return started;
      }
      ports.set(self, started.value.port);
    }
    return ok(ports);
  }

  /** Sends to a node of another process. Lost where the link is down or full: every message may be sent again. */
  send(from: PeerId, to: PeerId, message: PeerMessage): void {
    this.#held.get(from)?.endpoint.send(to as LinkName, this.#encode(message));
  }

  /** One message to many peers is encoded once. */
  #encode(message: PeerMessage): Uint8Array {
    const content =
      message.kind === 'notice' ? message.notice : message.kind === 'propose' ? message.block : message;
    if (content !== this.#encodedOf) {
      this.#encoded = encodeMessage(message);
      this.#encodedOf = content;
    }
    return this.#encoded;
  }

  #onFrame(from: PeerId, to: PeerId, frame: Uint8Array): void {
    // A copy: the frame is part of the socket's buffer, and the message keeps pieces of it.
    const decoded = decodeMessage(this.#options.network, new Uint8Array(frame));
    if (!decoded.ok) {
      this.refused.malformed += 1;
      this.#options.log?.('mesh message refused', { code: 'malformed', peer: from });
    } else if (!claimFits(decoded.value, from, to)) {
      this.refused.claims += 1;
      this.#options.log?.('mesh message refused', {
        code: 'mesh-claim',
        peer: from,
        kind: decoded.value.kind,
      });
    } else {
      this.#options.receive(from, to, decoded.value);
      this.#settleSoon();
    }
  }

  /** Once for all frames of one read. */
  #settleSoon(): void {
    if (this.#settling) return;
    this.#settling = true;
    queueMicrotask(() => {
      this.#settling = false;
      this.#options.settle();
    });
  }

  /**
   * The ledger's keys changed: own links take the key that it lists, links under retired keys close. What this turn queues
   * for them leaves first, the word of the rotation above all: a write queue flushes at the end of the turn, in an
   * immediate that may come after the first one here.
   */
  updateAllowed(): void {
    setImmediate(() =>
      setImmediate(() => {
        for (const held of this.#held.values()) {
          this.#use(held, this.#listed(held.self, held.links));
          held.endpoint.updateAllowed();
        }
      }),
    );
  }

  /** A node of this process holds other link keys: its present one and, before a KeyRotate, the next, which it takes when the ledger lists it. */
  hold(self: PeerId, linkSeed: Uint8Array, nextLinkSeed: Uint8Array | undefined): void {
    const held = this.#held.get(self);
    if (held === undefined) return;
    held.links = linkKeysOf(linkSeed, nextLinkSeed);
    this.#use(held, this.#listed(held.self, held.links) ?? held.links[0]);
  }

  /**
   * A node that was away while its keys were rotated can't know it before it has a link: it tries both link keys in turn
   * as long as it has none, the next one at once where a peer closed a link because its key is retired. One that has the
   * ledger in its process is told by that.
   */
  tick(nowMs: number): void {
    for (const held of this.#held.values()) {
      if (held.links.length < 2 || parsePeerId(held.self).role === 'ledger') continue;
      const peers = held.endpoint.peers();
      const up = peers.some(({ state }) => state === 'up');
      const sinceMs = up ? undefined : (held.aloneSinceMs ?? nowMs);
      held.aloneSinceMs = sinceMs;
      if (sinceMs === undefined) continue;
      const present = held.links[0]!;
      const told = sameKey(held.link, present) && peers.some((p) => p.refusedWith === 'mesh-key-retired');
      if (!told && nowMs - sinceMs < LONELY_MS) continue;
      const other = held.links.find((link) => !sameKey(link, held.link));
      this.#use(held, other);
      held.endpoint.updateAllowed();
    }
  }

  #listed(self: LinkName, links: readonly LinkKeyPair[]): LinkKeyPair | undefined {
    return links.find(({ publicKey }) => {
      const peer = this.#options.peerOf(publicKey);
      return peer !== undefined && peerId(peer) === self;
    });
  }

  #use(held: Held, link: LinkKeyPair | undefined): void {
    if (link === undefined || sameKey(link, held.link)) return;
    held.link = link;
    held.aloneSinceMs = undefined;
    held.endpoint.rotate(link);
  }

  /** Whether a link of `self` to a peer is up. */
  up(self: PeerId, peer: PeerId): boolean {
    return (
      this.#held
        .get(self)
        ?.endpoint.peers()
        .some((p) => p.peer === peer && p.state === 'up') === true
    );
  }

  /** Every peer known, once; up where any node of this process has a link to it. */
  peers(): { readonly peer: string; readonly up: boolean }[] {
    const up = new Map<string, boolean>();
    for (const { endpoint } of this.#held.values())
      for (const { peer, state } of endpoint.peers()) up.set(peer, state === 'up' || up.get(peer) === true);
    return [...up].map(([peer, isUp]) => ({ peer, up: isUp }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#held.values()].map(({ endpoint }) => endpoint.close()));
  }
}

function linkKeysOf(linkSeed: Uint8Array, nextLinkSeed: Uint8Array | undefined): LinkKeyPair[] {
  return [linkSeed, ...(nextLinkSeed === undefined ? [] : [nextLinkSeed])].map(linkKeyPair);
}

function sameKey(a: LinkKeyPair, b: LinkKeyPair): boolean {
  return equalBytes(a.publicKey, b.publicKey);
}
