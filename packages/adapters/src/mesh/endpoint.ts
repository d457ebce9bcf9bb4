import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { assert } from '@iotw/kernel/assert';
import { ok, type Result } from '@iotw/kernel/result';
import { MeshCounters } from './counters.js';
import { Dialer } from './dialer.js';
import { checkHello, encodeHello } from './hello.js';
import { DEFAULT_MESH_LIMITS, type MeshLimits } from './limits.js';
import { Link } from './link.js';
import { type LinkCredentials, linkCredentials } from './link-certificate.js';
import { Listener } from './listener.js';
import type { PinnedPeer } from './secure-socket.js';
import { judgeLink } from './tie-break.js';
import * as mesh from './types.js';

/** All that is known of one peer. */
interface Slot {
  readonly identity: mesh.PeerIdentity;
  active: Link | undefined;
  /** Links greeting or draining beside the active one. */
  readonly others: Set<Link>;
  dialer: Dialer | undefined;
  lastReason: mesh.MeshCode | undefined;
  refusedWith: mesh.MeshCode | undefined;
}

/**
 * One node's end of the mesh: at most one live link to each peer, mutually authenticated by link keys on
 * the ledger over TLS 1.3. Frames of one peer arrive in order and at most once; frames under way when a link
 * breaks are lost and the layers above ask again. Handlers run synchronously and must not block.
 */
export class MeshEndpoint {
  /** A frame of a live peer; the bytes may be a view of a larger buffer, so copy what is kept for long. */
  onFrame: (peer: mesh.PeerIdentity, frame: Uint8Array) => void = () => {};
  /** A peer came up or went down; `reason` is a stable code, or `connected`. */
  onPeer: (peer: mesh.PeerIdentity, state: 'up' | 'down', reason: mesh.MeshCode | 'connected') => void =
    () => {};
  readonly #options: mesh.MeshOptions;
  readonly #limits: MeshLimits;
  readonly #counters: MeshCounters;
  readonly #instance = randomBytes(16);
  readonly #slots = new Map<mesh.PeerId, Slot>();
  readonly #links = new Set<Link>();
  readonly #acceptedSockets = new WeakMap<Link, TLSSocket>();
  #credentials: LinkCredentials;
  #keyGeneration = 0;
  #dialNumber = 0;
  /** Number of each dial that has reached hello and neither come up nor ended. */
  readonly #dialNumbers = new WeakMap<Link, number>();
  #listener: Listener | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #tickedAt = 0;
  #started = false;
  #closing: Promise<void> | undefined;
  #whenNoLinks: (() => void) | undefined;

  /** Throws on a malformed option (a bug of the caller): network and seed are 32 bytes, no dial to oneself. */
  constructor(options: mesh.MeshOptions) {
    assert(options.network.length === 32, 'a network id is 32 bytes');
    this.#options = options;
    this.#limits = { ...DEFAULT_MESH_LIMITS, ...options.limits };
    this.#counters = new MeshCounters(options.log);
    this.#credentials = linkCredentials(options.linkSeed);
    for (const target of options.dial) {
      const identity = parsePeerId(target.peer);
      assert(target.peer !== mesh.peerId(options.self), 'an endpoint does not dial itself');
      const slot = this.#slot(identity);
      assert(slot.dialer === undefined, 'one dial target for each peer');
      slot.dialer = this.#makeDialer(target);
    }
  }

  /**
   * Listens, if asked to, and dials every target. The port is 0 without `listen`.
   * Errors: `mesh-port-taken`, `mesh-port-denied`, `mesh-listen-failed`; then nothing was started.
   */
  async start(): Promise<Result<{ port: number }>> {
    assert(!this.#started, 'an endpoint starts once');
    this.#started = true;
    let port = 0;
    if (this.#options.listen !== undefined) {
      const listener = new Listener(this.#credentials, {
        limits: this.#limits,
        allowed: this.#allowed,
        accepted: (socket, pinned) => this.#accepted(socket, pinned),
        refused: (code) => this.#counters.strangerRefused(code),
      });
      const listening = await listener.listen(this.#options.listen);
      if (!listening.ok) return listening;
      this.#listener = listener;
      port = listening.value.port;
    }
    if (this.#closing !== undefined) this.#listener?.stop();
    else {
      this.#tickedAt = performance.now();
      this.#ticker = setInterval(() => this.#tick(), this.#limits.tickMs);
      for (const slot of this.#slots.values()) slot.dialer?.dialNow();
    }
    return ok({ port });
  }

  /**
   * Queues a frame for a peer. False, with nothing taken, if the peer is down, its queue is at
   * `maxQueuedBytes`, or the frame is above the smaller `maxFrameBytes` of both sides; `stats` tells which.
   * The bytes must not change after the call.
   */
  send(peer: mesh.PeerId, frame: Uint8Array): boolean {
    const link = this.#slots.get(peer)?.active;
    const counters = this.#counters;
    if (link === undefined || link.state !== 'up') {
      counters.sendNoLink += 1;
      return false;
    }
    const sent = link.send(frame);
    if (sent === 'sent') {
      counters.framesSent += 1;
      counters.bytesSent += frame.length;
      return true;
    }
    if (sent === 'full') counters.sendQueueFull += 1;
    else counters.sendTooLarge += 1;
    return false;
  }

  /** Every dial target and every peer seen since start. */
  peers(): mesh.PeerStatus[] {
    return [...this.#slots].map(([peer, slot]) => ({
      peer,
      state: slot.active === undefined ? 'down' : 'up',
      dialed: slot.active?.dialed ?? false,
      queuedBytes: slot.active?.queuedBytes ?? 0,
      rttMs: slot.active?.rttMs,
      lastReason: slot.lastReason,
      refusedWith: slot.refusedWith,
    }));
  }

  /** Counters since the endpoint was built. */
  stats(): mesh.MeshStats {
    const { framesSent, framesReceived, bytesSent, bytesReceived, ended } = this.#counters;
    const { sendNoLink, sendQueueFull, sendTooLarge } = this.#counters;
    return {
      links: [...this.#slots.values()].filter((slot) => slot.active !== undefined).length,
      openSockets: this.#links.size,
      handshakes: this.#listener?.waiting ?? 0,
      framesSent,
      framesReceived,
      bytesSent,
      bytesReceived,
      sendNoLink,
      sendQueueFull,
      sendTooLarge,
      ended: { ...ended },
    };
  }

  /**
   * Takes another link key. New handshakes use it at once; each live link stays until one under the new key
   * has replaced it without losing frames, which needs the peers' `allowed` to list the new key.
   */
  rotate(keyPair: Pick<mesh.LinkKeyPair, 'seed'>): void {
    this.#credentials = linkCredentials(keyPair.seed);
    this.#keyGeneration += 1;
    this.#listener?.rotate(this.#credentials);
    for (const slot of this.#slots.values()) if (slot.active?.dialed) slot.dialer?.dialNow();
    this.#tick();
  }

  /**
   * The ledger changed: closes links whose key `allowed` no longer maps to the same peer
   * (`mesh-key-retired`) and dials peers that are down at once.
   */
  updateAllowed(): void {
    for (const link of [...this.#links]) {
      const now = this.#allowed(link.peerKey);
      if (now === undefined || mesh.peerId(now) !== mesh.peerId(link.peer)) link.close('mesh-key-retired');
    }
    if (!this.#started || this.#closing !== undefined) return;
    for (const slot of this.#slots.values()) slot.dialer?.dialNow();
  }

  /** Sends what is queued, says bye, closes. Resolves within `drainTimeoutMs` and a moment. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#listener?.stop();
    for (const slot of this.#slots.values()) slot.dialer?.stop();
    for (const link of [...this.#links]) {
      if (link.state === 'greeting') link.close('mesh-endpoint-closed');
      else link.drain(false);
    }
    if (this.#links.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenNoLinks = resolve;
        setTimeout(resolve, this.#limits.drainTimeoutMs).unref();
      });
    }
    clearInterval(this.#ticker);
    for (const link of [...this.#links]) link.abort('mesh-drain-timeout');
    this.#listener?.destroy();
  }

  readonly #allowed = (key: Uint8Array): mesh.PeerIdentity | undefined => this.#options.allowed(key);

  #slot(identity: mesh.PeerIdentity): Slot {
    const id = mesh.peerId(identity);
    let slot = this.#slots.get(id);
    if (slot === undefined) {
      slot = {
        identity: { role: identity.role, index: identity.index },
        active: undefined,
        others: new Set(),
        dialer: undefined,
        lastReason: undefined,
        refusedWith: undefined,
      };
      this.#slots.set(id, slot);
    }
    return slot;
  }

  #makeDialer(target: mesh.MeshOptions['dial'][number]): Dialer {
    return new Dialer(target, {
      limits: this.#limits,
      credentials: () => this.#credentials,
      allowed: this.#allowed,
      wanted: (peer) => this.#dialWanted(this.#slots.get(peer)!),
      connected: (socket, pinned) => this.#dialed(socket, pinned),
      failed: (peer, code) => {
        this.#slots.get(peer)!.lastReason = code;
        this.#counters.linkEnded(code, { peer });
      },
    });
  }

  /** A dial is wanted without a live link, and to renew one that we dialled under an older key. */
  #dialWanted(slot: Slot): boolean {
    const active = slot.active;
    if (this.#closing !== undefined) return false;
    return (
      active === undefined ||
      (active.dialed && (active.keyGeneration !== this.#keyGeneration || active.renewAsked))
    );
  }

  #accepted(socket: TLSSocket, pinned: PinnedPeer): void {
    const link = this.#newLink(socket, pinned, false);
    this.#acceptedSockets.set(link, socket);
  }

  #dialed(socket: TLSSocket, pinned: PinnedPeer): void {
    const link = this.#newLink(socket, pinned, true);
    this.#dialNumber += 1;
    this.#dialNumbers.set(link, this.#dialNumber);
    link.greet(this.#hello(this.#dialNumber));
    this.#holdInOrder(this.#slot(link.peer));
  }

  #newLink(socket: TLSSocket, pinned: PinnedPeer, dialed: boolean): Link {
    const start = { ...pinned, dialed, keyGeneration: this.#keyGeneration };
    const link = new Link(socket, start, this.#limits, {
      hello: (from, payload) => this.#greeted(from, payload),
      data: (from, payload) => {
        this.#counters.framesReceived += 1;
        this.#counters.bytesReceived += payload.length;
        this.onFrame(from.peer, payload);
      },
      renew: (from) => {
        from.renewAsked = true;
        this.#slot(from.peer).dialer?.schedule();
      },
      leaving: (from) => this.#leaving(from),
      ended: (from, code, refusedWith) => this.#ended(from, code, refusedWith),
    });
    this.#links.add(link);
    this.#slot(link.peer).others.add(link);
    return link;
  }

  #hello(dial: number): Buffer {
    const { network, self } = this.#options;
    const maxFrameBytes = this.#limits.maxFrameBytes;
    return encodeHello({ network, identity: self, instance: this.#instance, dial, maxFrameBytes });
  }

  #greeted(link: Link, payload: Buffer): void {
    const hello = checkHello(payload, this.#options.network, link.peer);
    if (!hello.ok) {
      link.close(hello.error.code);
      return;
    }
    if (link.dialed && hello.value.dial !== this.#dialNumbers.get(link)) {
      link.close('mesh-bad-frame');
      return;
    }
    const slot = this.#slot(link.peer);
    link.remote = hello.value;
    const verdict = judgeLink(this.#options.self, slot.active, link);
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
    if (verdict === 'first' && this.stats().links >= this.#limits.maxLinks) {
      link.close('mesh-links-full');
      return;
    }
    if (verdict === 'peer-restarted') slot.active!.close('mesh-peer-restarted');
    if (this.#closing !== undefined) {
      link.close('mesh-endpoint-closed');
      return;
    }
    if (!link.dialed) {
      link.greet(this.#hello(hello.value.dial));
      this.#listener?.greeted(this.#acceptedSockets.get(link)!);
    }
    this.#takeOver(slot, link);
  }

  #takeOver(slot: Slot, link: Link): void {
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
    this.#counters.linkUp({ peer: mesh.peerId(link.peer), dialed: link.dialed });
    this.onPeer(slot.identity, 'up', 'connected');
  }

  #dialOver(slot: Slot, link: Link): void {
    if (this.#dialNumbers.delete(link)) slot.dialer?.finished();
  }

  /**
   * Keeps one peer's frames in order over a hand-over: the live link waits while an older one drains, and
   * while a dial of ours may turn out to have carried frames before the peer's own dial won.
   */
  #holdInOrder(slot: Slot): void {
    const active = slot.active;
    if (active === undefined) return;
    const earlier = [...slot.others].some(
      (other) => other.state === 'draining' || (!active.dialed && other.dialed && other.state === 'greeting'),
    );
    if (earlier) active.hold();
    else active.release();
  }

  #leaving(link: Link): void {
    const slot = this.#slot(link.peer);
    if (slot.active !== link) return;
    slot.active = undefined;
    slot.others.add(link);
    this.#down(slot, link, 'mesh-peer-closed');
  }

  #ended(link: Link, code: mesh.MeshCode, refusedWith: mesh.MeshCode | undefined): void {
    const slot = this.#slot(link.peer);
    this.#links.delete(link);
    const dialing = this.#dialNumbers.has(link);
    slot.others.delete(link);
    const refusal = refusedWith === undefined ? {} : { refusedWith };
    this.#counters.linkEnded(code, { peer: mesh.peerId(link.peer), ...refusal });
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
    if (this.#links.size === 0) this.#whenNoLinks?.();
  }

  #down(slot: Slot, link: Link, code: mesh.MeshCode): void {
    slot.lastReason = code;
    slot.dialer?.linkEnded(performance.now() - link.startedAt);
    this.onPeer(slot.identity, 'down', code);
  }

  #tick(): void {
    const now = performance.now();
    // A stretch in which this process did not run is nobody's silence.
    const lag = now - this.#tickedAt - this.#limits.tickMs;
    this.#tickedAt = now;
    for (const link of [...this.#links]) {
      if (lag > this.#limits.tickMs) link.forgive(lag);
      link.tick(now);
      if (link.state === 'up' && !link.dialed && link.keyGeneration !== this.#keyGeneration)
        link.askRenew(now);
    }
    for (const slot of this.#slots.values()) slot.dialer?.schedule();
  }
}

function parsePeerId(id: mesh.PeerId): mesh.PeerIdentity {
  const [role, index] = id.split(':');
  const found = mesh.ROLES.find((name) => name === role);
  assert(
    found !== undefined && /^(0|[1-9]\d{0,9})$/.test(index ?? ''),
    `a peer is named role:index, not ${id}`,
  );
  return { role: found, index: Number(index) };
}
