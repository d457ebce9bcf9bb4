import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import { MeshEndpoint } from '@iotw/adapters/mesh/endpoint';
import { type PeerId as LinkName, type PeerIdentity, parsePeerId, peerId } from '@iotw/adapters/mesh/types';
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

/** The links of all nodes of this process: one endpoint each, so that a link's key is its sender's. */
export class MeshLinks {
  readonly refused: MeshRefusals = { malformed: 0, claims: 0 };
  readonly #options: MeshLinksOptions;
  readonly #endpoints = new Map<PeerId, MeshEndpoint>();
  #settling = false;
  #encodedOf: unknown;
  #encoded: Uint8Array = new Uint8Array(0);

  constructor(options: MeshLinksOptions) {
    this.#options = options;
    for (const identity of options.identities) this.#endpoints.set(identity.self, this.#open(identity));
  }

  #open(identity: MeshIdentity): MeshEndpoint {
    const { network, peerOf, unheard, failpoints, log } = this.#options;
    const { self, linkSeed, listen, peers } = identity;
    const pinned = (key: Uint8Array): PeerIdentity | undefined => {
      const peer = peers.find(({ linkKey }) => linkKey !== undefined && equalBytes(linkKey, key));
      return peer === undefined || !unheard() ? undefined : parsePeerId(peer.peer);
    };
    const endpoint = new MeshEndpoint({
      network,
      self: parsePeerId(self),
      linkSeed,
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
    return endpoint;
  }

  /** Listens and dials. Errors: those of MeshEndpoint.start. Returns the ports by node. */
  async start(): Promise<Result<ReadonlyMap<PeerId, number>>> {
    const ports = new Map<PeerId, number>();
    for (const [self, endpoint] of this.#endpoints) {
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
    this.#endpoints.get(from)?.send(to as LinkName, this.#encode(message));
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

  /** The ledger's keys changed: links under retired keys close. What was queued for them leaves first. */
  updateAllowed(): void {
    setImmediate(() => {
      for (const endpoint of this.#endpoints.values()) endpoint.updateAllowed();
    });
  }

  /** A node of this process takes another link key, once the ledger lists it. */
  rotate(self: PeerId, linkSeed: Uint8Array): void {
    this.#endpoints.get(self)?.rotate({ seed: linkSeed });
  }

  /** Whether a link of `self` to a peer is up. */
  up(self: PeerId, peer: PeerId): boolean {
    return (
      this.#endpoints
        .get(self)
        ?.peers()
        .some((p) => p.peer === peer && p.state === 'up') === true
    );
  }

  /** Every peer known, once; up where any node of this process has a link to it. */
  peers(): { readonly peer: string; readonly up: boolean }[] {
    const up = new Map<string, boolean>();
    for (const endpoint of this.#endpoints.values())
      for (const { peer, state } of endpoint.peers()) up.set(peer, state === 'up' || up.get(peer) === true);
    return [...up].map(([peer, isUp]) => ({ peer, up: isUp }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
  }
}
