import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { MeshCounters } from './counters.js';
import type { Dialer } from './dialer.js';
import { checkHello, encodeHello } from './hello.js';
import type { MeshLimits } from './limits.js';
import { Link } from './link.js';
import type { PinnedPeer } from './secure-socket.js';
import { judgeLink } from './tie-break.js';
import { type MeshCode, type PeerId, type PeerIdentity, peerId } from './types.js';

/** All that is known of one peer. */
export interface PeerSlot {
  readonly identity: PeerIdentity;
  active: Link | undefined;
  /** Links greeting or draining beside the active one. */
  readonly others: Set<Link>;
  dialer: Dialer | undefined;
  lastReason: MeshCode | undefined;
  refusedWith: MeshCode | undefined;
}

/** What a link table asks of its endpoint. */
export interface LinkTableHost {
  readonly network: Uint8Array;
  readonly self: PeerIdentity;
  readonly limits: MeshLimits;
  readonly counters: MeshCounters;
  /** True once the endpoint closes: no new link comes up. */
  closing(): boolean;
  /** An accepted socket's peer has said who it is. */
  greeted(socket: TLSSocket): void;
  frame(peer: PeerIdentity, payload: Buffer): void;
  peer(peer: PeerIdentity, state: 'up' | 'down', reason: MeshCode | 'connected'): void;
}

/**
 * Every socket of known peers and the rule of one live link per peer: which link lives, how one hands over
 * to the next without losing or reordering frames, and when a peer is up or down.
 */
export class LinkTable {
  readonly slots = new Map<PeerId, PeerSlot>();
  /** Links not ended: greeting, up and draining. */
  readonly links = new Set<Link>();
  readonly #host: LinkTableHost;
  readonly #instance = randomBytes(16);
  readonly #acceptedSockets = new WeakMap<Link, TLSSocket>();
  /** Number of each dial that has reached hello and neither come up nor ended. */
  readonly #dialNumbers = new WeakMap<Link, number>();
  #dialNumber = 0;
  #whenEmpty: (() => void) | undefined;

  constructor(host: LinkTableHost) {
    this.#host = host;
  }

  /** Peers that are up. */
  get up(): number {
    let count = 0;
    for (const slot of this.slots.values()) if (slot.active !== undefined) count += 1;
    return count;
  }

  /** The slot of a peer, made when first asked for. */
  slot(identity: PeerIdentity): PeerSlot {
    const id = peerId(identity);
    let slot = this.slots.get(id);
    if (slot === undefined) {
      slot = {
        identity: { role: identity.role, index: identity.index },
        active: undefined,
        others: new Set(),
        dialer: undefined,
        lastReason: undefined,
        refusedWith: undefined,
      };
      this.slots.set(id, slot);
    }
    return slot;
  }

  /** Takes a socket we accepted: the peer speaks first. */
  accepted(socket: TLSSocket, pinned: PinnedPeer): void {
    const link = this.#newLink(socket, pinned, false);
    this.#acceptedSockets.set(link, socket);
  }

  /** Takes a socket we dialled and speaks first. */
  dialed(socket: TLSSocket, pinned: PinnedPeer): void {
    const link = this.#newLink(socket, pinned, true);
    this.#dialNumber += 1;
    this.#dialNumbers.set(link, this.#dialNumber);
    link.greet(this.#hello(this.#dialNumber));
    this.#holdInOrder(this.slot(link.peer));
  }

  /** Calls back once, when the last link has ended; at once if there is none. */
  whenEmpty(then: () => void): void {
    if (this.links.size === 0) then();
    else this.#whenEmpty = then;
  }

  #newLink(socket: TLSSocket, pinned: PinnedPeer, dialed: boolean): Link {
    const start = { ...pinned, dialed };
    const link = new Link(socket, start, this.#host.limits, {
      hello: (from, payload) => this.#greeted(from, payload),
      data: (from, payload) => {
        this.#host.counters.framesReceived += 1;
        this.#host.counters.bytesReceived += payload.length;
        this.#host.frame(from.peer, payload);
      },
      renew: (from) => {
        from.renewAsked = true;
        this.slot(from.peer).dialer?.schedule();
      },
      leaving: (from) => this.#leaving(from),
      ended: (from, code, refusedWith) => this.#ended(from, code, refusedWith),
    });
    this.links.add(link);
    this.slot(link.peer).others.add(link);
    return link;
  }

  #hello(dial: number): Buffer {
    const { network, self, limits } = this.#host;
    const maxFrameBytes = limits.maxFrameBytes;
    return encodeHello({ network, identity: self, instance: this.#instance, dial, maxFrameBytes });
  }

  #greeted(link: Link, payload: Buffer): void {
    const hello = checkHello(payload, this.#host.network, link.peer);
    if (!hello.ok) {
      link.close(hello.error.code);
      return;
    }
    if (link.dialed && hello.value.dial !== this.#dialNumbers.get(link)) {
      link.close('mesh-bad-frame');
      return;
    }
    const slot = this.slot(link.peer);
    link.remote = hello.value;
    const verdict = judgeLink(this.#host.self, slot.active, link);
    if (verdict === 'loses') {
      if (!link.dialed) {
        link.close('mesh-duplicate-link');
        return;
      }
      // The peer took our dial before its own came up: hear what it sent there, then part.
      link.up();
      this.#dialOver(slot, link);
      link.drain(true);
      this.#holdInOrder(slot);
      return;
    }
    if (verdict === 'first' && this.up >= this.#host.limits.maxLinks) {
      link.close('mesh-links-full');
      return;
    }
    if (verdict === 'peer-restarted') slot.active!.close('mesh-peer-restarted');
    if (this.#host.closing()) {
      link.close('mesh-endpoint-closed');
      return;
    }
    if (!link.dialed) {
      link.greet(this.#hello(hello.value.dial));
      this.#host.greeted(this.#acceptedSockets.get(link)!);
    }
    this.#takeOver(slot, link);
  }

  #takeOver(slot: PeerSlot, link: Link): void {
    const old = slot.active;
    slot.others.delete(link);
    slot.active = link;
    link.up();
    this.#dialOver(slot, link);
    if (old !== undefined) {
      // Only one older link drains at a time: a third one pushes the first out.
      for (const other of [...slot.others]) if (other.state === 'draining') other.abort('mesh-replaced');
      slot.others.add(old);
      old.drain(true);
      this.#holdInOrder(slot);
      return;
    }
    this.#holdInOrder(slot);
    this.#host.counters.linkUp({ peer: peerId(link.peer), dialed: link.dialed });
    this.#host.peer(slot.identity, 'up', 'connected');
  }

  #dialOver(slot: PeerSlot, link: Link): void {
    if (this.#dialNumbers.delete(link)) slot.dialer?.finished();
  }

  /**
   * Keeps one peer's frames in order over a hand-over: the live link waits while an older one drains, and
   * while a dial of ours may turn out to have carried frames before the peer's own dial won.
   */
  #holdInOrder(slot: PeerSlot): void {
    const active = slot.active;
    if (active === undefined) return;
    const earlier = [...slot.others].some(
      (other) => other.state === 'draining' || (!active.dialed && other.dialed && other.state === 'greeting'),
    );
    if (earlier) active.hold();
    else active.release();
  }

  #leaving(link: Link): void {
    const slot = this.slot(link.peer);
    if (slot.active !== link) return;
    slot.active = undefined;
    slot.others.add(link);
    this.#down(slot, link, 'mesh-peer-closed');
  }

  #ended(link: Link, code: MeshCode, refusedWith: MeshCode | undefined): void {
    const slot = this.slot(link.peer);
    this.links.delete(link);
    const dialing = this.#dialNumbers.has(link);
    slot.others.delete(link);
    const refusal = refusedWith === undefined ? {} : { refusedWith };
    this.#host.counters.linkEnded(code, { peer: peerId(link.peer), ...refusal });
    if (refusedWith !== undefined) slot.refusedWith = refusedWith;
    if (dialing) {
      this.#dialOver(slot, link);
      slot.lastReason = code;
      slot.dialer?.schedule();
    }
    if (slot.active === link) {
      slot.active = undefined;
      this.#down(slot, link, code);
    } else this.#holdInOrder(slot);
    if (this.links.size === 0) this.#whenEmpty?.();
  }

  #down(slot: PeerSlot, link: Link, code: MeshCode): void {
    slot.lastReason = code;
    slot.dialer?.linkEnded(performance.now() - link.startedAt);
    this.#host.peer(slot.identity, 'down', code);
  }
}
