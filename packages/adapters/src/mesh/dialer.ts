import { connect, type TLSSocket } from 'node:tls';
import { backoffMs, type MeshLimits } from './limits.js';
import type { LinkCredentials } from './link-certificate.js';
import { endSocket, type PinnedPeer, pinPeer, tlsSettings } from './secure-socket.js';
import { type MeshCode, type PeerId, type PeerIdentity, peerId } from './types.js';

/** Where one peer listens. */
export interface DialTarget {
  readonly peer: PeerId;
  readonly host: string;
  readonly port: number;
}

/** What a dialer asks of its endpoint. */
export interface DialerHost {
  readonly limits: MeshLimits;
  credentials(): LinkCredentials;
  allowed(peerKey: Uint8Array): PeerIdentity | undefined;
  /** False while a good link to the peer is live. */
  wanted(peer: PeerId): boolean;
  /** TLS is done and the key is the target's. The dial lasts until `finished` is called. */
  connected(socket: TLSSocket, pinned: PinnedPeer): void;
  failed(peer: PeerId, code: MeshCode): void;
}

/** Dials one peer for as long as it is wanted: one dial at a time, capped exponential pauses with jitter. */
export class Dialer {
  readonly target: DialTarget;
  readonly #host: DialerHost;
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  #socket: TLSSocket | undefined;
  #busy = false;
  #stopped = false;

  constructor(target: DialTarget, host: DialerHost) {
    this.target = target;
    this.#host = host;
  }

  /** Dials after the pause that is due, unless a dial or a pause is under way. */
  schedule(): void {
    if (this.#stopped || this.#busy || this.#timer !== undefined) return;
    if (!this.#host.wanted(this.target.peer)) return;
    const pause = backoffMs(this.#attempt, this.#host.limits, Math.random());
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.#dial(), pause);
  }

  /** Dials at once unless a dial is under way: the first dial, a key change, a change of the ledger. */
  dialNow(): void {
    if (this.#stopped || this.#busy) return;
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#dial();
  }

  /** The dial that `connected` started came up or ended. */
  finished(): void {
    this.#busy = false;
    this.#socket = undefined;
  }

  /** A link to the peer ended after being up for `upMs`; a stable one resets the pause. */
  linkEnded(upMs: number): void {
    if (upMs >= this.#host.limits.stableLinkMs) this.#attempt = 0;
    this.schedule();
  }

  /** Never dials again and drops an unfinished connect. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #dial(): void {
    this.#timer = undefined;
    const peer = this.target.peer;
    if (this.#stopped || !this.#host.wanted(peer)) return;
    this.#busy = true;
    let code: MeshCode = 'mesh-connect-failed';
    let secured = false;
    const { host, port } = this.target;
    const socket = connect({ ...tlsSettings(this.#host.credentials()), host, port, servername: 'iotw' });
    this.#socket = socket;
    socket.setNoDelay(true);
    const late = setTimeout(() => {
      code = 'mesh-handshake-timeout';
      socket.destroy();
    }, this.#host.limits.handshakeTimeoutMs);
    socket.once('connect', () => {
      code = 'mesh-handshake-failed';
    });
    socket.on('error', () => {}); // 'close' follows and carries on
    socket.once('secureConnect', () => {
      clearTimeout(late);
      const refused = this.#pin(socket);
      if (refused === undefined) secured = true;
      else {
        code = refused;
        endSocket(socket, refused);
      }
    });
    socket.once('close', () => {
      clearTimeout(late);
      if (secured) return;
      this.finished();
      if (this.#stopped) return;
      this.#host.failed(peer, code);
      this.schedule();
    });
  }

  #pin(socket: TLSSocket): MeshCode | undefined {
    const pinned = pinPeer(socket, (key) => this.#host.allowed(key));
    if (!pinned.ok) return pinned.error.code;
    if (peerId(pinned.value.peer) !== this.target.peer) return 'mesh-wrong-peer';
    // The peer's own dial may have come up meanwhile; no hello was sent, so leaving harms nobody.
    if (!this.#host.wanted(this.target.peer)) return 'mesh-duplicate-link';
    this.#host.connected(socket, pinned.value);
    return undefined;
  }
}
