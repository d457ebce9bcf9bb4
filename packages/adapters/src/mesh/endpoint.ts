import { assert } from '@iotw/kernel/assert';
import { equalBytes } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { MeshCounters } from './counters.js';
import { Dialer } from './dialer.js';
import { DEFAULT_MESH_LIMITS, type MeshLimits } from './limits.js';
import type { Link } from './link.js';
import { type LinkCredentials, linkCredentials } from './link-certificate.js';
import { LinkTable, type PeerSlot } from './link-table.js';
import { Listener } from './listener.js';
import * as mesh from './types.js';

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
  readonly #table: LinkTable;
  #credentials: LinkCredentials;
  #listener: Listener | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #tickedAt = 0;
  #started = false;
  #closing: Promise<void> | undefined;

  /** Throws on a malformed option (a bug of the caller): network and seed are 32 bytes, no dial to oneself. */
  constructor(options: mesh.MeshOptions) {
    assert(options.network.length === 32, 'a network id is 32 bytes');
    this.#options = options;
    this.#limits = { ...DEFAULT_MESH_LIMITS, ...options.limits };
    this.#counters = new MeshCounters(options.log);
    this.#credentials = linkCredentials(options.linkSeed);
    this.#table = new LinkTable({
      network: options.network,
      self: options.self,
      limits: this.#limits,
      counters: this.#counters,
      closing: () => this.#closing !== undefined,
      greeted: (socket) => this.#listener?.greeted(socket),
      frame: (peer, payload) => {
        options.failpoints?.hit('mesh-frame');
        this.onFrame(peer, payload);
      },
      peer: (peer, state, reason) => {
        options.failpoints?.hit(state === 'up' ? 'mesh-link-up' : 'mesh-link-down');
        this.onPeer(peer, state, reason);
      },
    });
    for (const target of options.dial) {
      const identity = mesh.parsePeerId(target.peer);
      assert(target.peer !== mesh.peerId(options.self), 'an endpoint does not dial itself');
      const slot = this.#table.slot(identity);
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
        accepted: (socket, pinned) => this.#table.accepted(socket, pinned),
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
      for (const slot of this.#table.slots.values()) slot.dialer?.dialNow();
    }
    return ok({ port });
  }

  /**
   * Queues a frame for a peer. False, with nothing taken, if the peer is down, its queue is at
   * `maxQueuedBytes`, or the frame is above the smaller `maxFrameBytes` of both sides; `stats` tells which.
   * The bytes must not change after the call.
   */
  send(peer: mesh.PeerId, frame: Uint8Array): boolean {
    this.#options.failpoints?.hit('mesh-send');
    const link = this.#table.slots.get(peer)?.active;
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
    return [...this.#table.slots].map(([peer, slot]) => ({
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
      links: this.#table.up,
      openSockets: this.#table.links.size,
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
    this.#options.failpoints?.hit('mesh-rotate');
    this.#credentials = linkCredentials(keyPair.seed);
    this.#listener?.rotate(this.#credentials);
    for (const { active, dialer } of this.#table.slots.values()) {
      if (active?.dialed) dialer?.dialNow();
      else active?.askRenew(performance.now());
    }
  }

  /**
   * The ledger changed: closes links whose key `allowed` no longer maps to the same peer
   * (`mesh-key-retired`) and dials peers that are down at once.
   */
  updateAllowed(): void {
    this.#options.failpoints?.hit('mesh-update-allowed');
    for (const link of [...this.#table.links]) {
      const now = this.#allowed(link.peerKey);
      if (now === undefined || mesh.peerId(now) !== mesh.peerId(link.peer)) link.close('mesh-key-retired');
    }
    if (!this.#started || this.#closing !== undefined) return;
    for (const slot of this.#table.slots.values()) slot.dialer?.dialNow();
  }

  /** Sends what is queued, says bye, closes. Resolves within `drainTimeoutMs` and a moment. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#listener?.stop();
    for (const slot of this.#table.slots.values()) slot.dialer?.stop();
    for (const link of [...this.#table.links]) {
      if (link.state === 'greeting') link.close('mesh-endpoint-closed');
      else link.drain(false);
    }
    if (this.#table.links.size > 0) {
      await new Promise<void>((resolve) => {
        this.#table.whenEmpty(resolve);
        setTimeout(resolve, this.#limits.drainTimeoutMs).unref();
      });
    }
    clearInterval(this.#ticker);
    for (const link of [...this.#table.links]) link.abort('mesh-drain-timeout');
    this.#listener?.destroy();
  }

  readonly #allowed = (key: Uint8Array): mesh.PeerIdentity | undefined => this.#options.allowed(key);

  #makeDialer(target: mesh.MeshOptions['dial'][number]): Dialer {
    return new Dialer(target, {
      limits: this.#limits,
      credentials: () => this.#credentials,
      allowed: this.#allowed,
      wanted: (peer) => this.#dialWanted(this.#table.slots.get(peer)!),
      connected: (socket, pinned) => this.#table.dialed(socket, pinned),
      failed: (peer, code) => {
        this.#table.slots.get(peer)!.lastReason = code;
        this.#counters.linkEnded(code, { peer });
      },
    });
  }

  /** A dial is wanted without a live link, and to renew one that we dialled under an older key. */
  #dialWanted(slot: PeerSlot): boolean {
    const active = slot.active;
    if (this.#closing !== undefined) return false;
    return active === undefined || (active.dialed && (!this.#isCurrent(active) || active.renewAsked));
  }

  #isCurrent(link: Link): boolean {
    return equalBytes(link.ownKey, this.#credentials.publicKey);
  }

  #tick(): void {
    const now = performance.now();
    // A stretch in which this process did not run is nobody's silence.
    const lag = now - this.#tickedAt - this.#limits.tickMs;
    this.#tickedAt = now;
    for (const link of [...this.#table.links]) {
      if (lag > this.#limits.tickMs) link.forgive(lag);
      link.tick(now);
      if (link.state === 'up' && !link.dialed && !this.#isCurrent(link)) link.askRenew(now);
    }
    for (const slot of this.#table.slots.values()) slot.dialer?.schedule();
  }
}
