import type { TLSSocket } from 'node:tls';
import { assert } from '@iotw/kernel/assert';
import { FRAME_KIND, FrameReader } from './frame-reader.js';
import type { Hello } from './hello.js';
import type { MeshLimits } from './limits.js';
import { endSocket } from './secure-socket.js';
import { asMeshCode, type MeshCode, type PeerIdentity } from './types.js';
import { WriteQueue } from './write-queue.js';

/** What a link tells its endpoint. Each runs inside the socket's own event. */
export interface LinkEvents {
  hello(link: Link, payload: Buffer): void;
  data(link: Link, payload: Buffer): void;
  renew(link: Link): void;
  /** The peer sends nothing more and is not replacing this link: it shuts down. */
  leaving(link: Link): void;
  /** Exactly once, with the reason; `refusedWith` is the code the peer gave, if it gave one. */
  ended(link: Link, code: MeshCode, refusedWith: MeshCode | undefined): void;
}

/** What is known of a link when it starts: TLS is done and the peer's key is pinned. */
export interface LinkStart {
  readonly peer: PeerIdentity;
  readonly peerKey: Uint8Array;
  /** True if this side dialled. */
  readonly dialed: boolean;
  /** Our own link key that the handshake used. */
  readonly ownKey: Uint8Array;
}

/**
 * One authenticated socket to one peer: framing, hello, heartbeat, timeouts, bounded sending, orderly
 * ending. It decides nothing about other links; the endpoint does. States:
 * greeting -> up -> draining -> ended, or ended from anywhere.
 */
export class Link {
  readonly peer: PeerIdentity;
  readonly peerKey: Uint8Array;
  readonly dialed: boolean;
  readonly ownKey: Uint8Array;
  /** The peer's hello, once checked by the endpoint. */
  remote: Hello | undefined;
  /** Set when the peer asked for a new dial. */
  renewAsked = false;
  rttMs: number | undefined;
  readonly startedAt = performance.now();
  #state: 'greeting' | 'up' | 'draining' | 'ended' = 'greeting';
  readonly #socket: TLSSocket;
  readonly #limits: MeshLimits;
  readonly #events: LinkEvents;
  readonly #reader: FrameReader;
  readonly #queue: WriteQueue;
  #held = false;
  #receivedAt = performance.now();
  #pingAt = performance.now();
  #pingOpen = false;
  #renewAt = Number.NEGATIVE_INFINITY;
  #drainSince: number | undefined;
  #byeSent = false;
  #byeReceived = false;
  #orderlyCode: MeshCode = 'mesh-replaced';
  #refusedWith: MeshCode | undefined;

  constructor(socket: TLSSocket, start: LinkStart, limits: MeshLimits, events: LinkEvents) {
    this.#socket = socket;
    this.peer = start.peer;
    this.peerKey = start.peerKey;
    this.dialed = start.dialed;
    this.ownKey = start.ownKey;
    this.#limits = limits;
    this.#events = events;
    this.#reader = new FrameReader(limits.maxFrameBytes);
    // Control frames get room of their own above the bound of data frames.
    this.#queue = new WriteQueue(socket, limits.maxQueuedBytes + limits.maxFrameBytes);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => this.#end('mesh-connection-lost'));
    socket.on('close', () => this.#end('mesh-connection-lost'));
  }

  get state(): 'greeting' | 'up' | 'draining' | 'ended' {
    return this.#state;
  }

  get queuedBytes(): number {
    return this.#queue.queuedBytes;
  }

  /** Sends our hello; the dialling side speaks first. */
  greet(hello: Buffer): void {
    this.#queue.push(FRAME_KIND.hello, hello);
  }

  /** The endpoint has checked the hello and taken the link. */
  up(): void {
    assert(this.#state === 'greeting' && this.remote !== undefined, 'a link comes up once, after hello');
    this.#state = 'up';
  }

  /** Queues a data frame: 'sent', or why not with nothing taken. */
  send(payload: Uint8Array): 'sent' | 'full' | 'too-large' {
    assert(this.#state === 'up' && this.remote !== undefined, 'frames go over live links');
    if (payload.length > Math.min(this.#limits.maxFrameBytes, this.remote.maxFrameBytes)) return 'too-large';
    if (this.#queue.queuedBytes + payload.length > this.#limits.maxQueuedBytes) return 'full';
    return this.#queue.push(FRAME_KIND.data, payload) ? 'sent' : 'full';
  }

  /** Asks the dialling peer for a new link because our key changed; at most one request a heartbeat. */
  askRenew(now: number): void {
    if (now - this.#renewAt < this.#limits.heartbeatMs) return;
    this.#renewAt = now;
    this.#queue.push(FRAME_KIND.renew, new Uint8Array(0));
  }

  /**
   * Sends what is queued, then says bye; reads until the peer's bye, then closes. Both sides lose nothing.
   * @param replaced true if another link takes over, false if this side shuts down.
   */
  drain(replaced: boolean): void {
    if (this.#state === 'ended' || this.#byeSent) return;
    this.#state = 'draining';
    this.#drainSince ??= performance.now();
    this.#byeSent = true;
    if (!replaced) this.#orderlyCode = this.#byeReceived ? 'mesh-peer-closed' : 'mesh-endpoint-closed';
    this.#queue.push(FRAME_KIND.bye, Uint8Array.of(replaced ? 1 : 0));
    this.release();
    this.#finishDrain();
  }

  /** Stops delivering until `release`: an older link to the same peer still has earlier frames. */
  hold(): void {
    if (this.#held || this.#state === 'ended') return;
    this.#held = true;
    this.#socket.pause();
  }

  /** Delivers again, in a later turn: the caller may be inside another link's event. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    const now = performance.now();
    this.#receivedAt = now;
    this.#reader.restartClock(now);
    setImmediate(() => {
      if (this.#held || this.#state === 'ended') return;
      this.#read(Buffer.alloc(0));
      if (!this.#held && !this.#ended()) this.#socket.resume();
    });
  }

  /**
   * Ends now; frames not yet written are dropped, and the peer is told the code after those that are, if it
   * still reads.
   */
  close(code: MeshCode): void {
    if (this.#state === 'ended') return;
    endSocket(this.#socket, code);
    this.#end(code, false);
  }

  /** Ends now without a word. */
  abort(code: MeshCode): void {
    this.#end(code);
  }

  /** Looks at every timeout of this link. */
  tick(now: number): void {
    if (this.#state === 'ended') return;
    const limits = this.#limits;
    if (this.#state === 'greeting') {
      if (now - this.startedAt > limits.handshakeTimeoutMs) this.close('mesh-handshake-timeout');
      return;
    }
    if (this.#queue.stalledMs(now) > limits.slowPeerMs) {
      this.#end('mesh-slow-peer');
      return;
    }
    if (this.#drainSince !== undefined && now - this.#drainSince > limits.drainTimeoutMs) {
      this.#end('mesh-drain-timeout');
      return;
    }
    if (this.#held) return;
    const partialSince = this.#reader.partialSince;
    if (partialSince !== undefined && now - partialSince > limits.frameTimeoutMs) {
      this.close('mesh-frame-timeout');
      return;
    }
    if (now - this.#receivedAt > limits.idleTimeoutMs) {
      this.#end('mesh-idle-timeout');
      return;
    }
    if (now - this.#pingAt > limits.heartbeatMs && !this.#byeSent) {
      this.#pingAt = now;
      this.#pingOpen = true;
      this.#queue.push(FRAME_KIND.ping, new Uint8Array(0));
    }
  }

  /** Gives back time in which this process itself stood still, so it doesn't blame the peer. */
  forgive(lagMs: number): void {
    this.#receivedAt += lagMs;
    this.#queue.forgive(lagMs);
    if (this.#drainSince !== undefined) this.#drainSince += lagMs;
    const partialSince = this.#reader.partialSince;
    if (partialSince !== undefined) this.#reader.restartClock(partialSince + lagMs);
  }

  #read(chunk: Buffer): void {
    if (this.#state === 'ended') return;
    const now = performance.now();
    if (chunk.length > 0) this.#receivedAt = now;
    const code = this.#reader.push(chunk, now, (kind, payload) => {
      this.#frame(kind, payload);
      return !this.#ended() && !this.#held;
    });
    if (code !== undefined && !this.#ended()) this.close(code);
  }

  /** A frame's handler may end the link; a method keeps the compiler from assuming it did not. */
  #ended(): boolean {
    return this.#state === 'ended';
  }

  #frame(kind: number, payload: Buffer): void {
    if (kind === FRAME_KIND.refuse) {
      this.#refusedWith = asMeshCode(payload.toString('latin1'));
      if (this.#refusedWith === 'mesh-duplicate-link') {
        this.#end('mesh-duplicate-link');
        return;
      }
      this.#end(this.#state === 'greeting' ? 'mesh-handshake-failed' : 'mesh-peer-closed');
      return;
    }
    if (kind === FRAME_KIND.hello) {
      if (this.#state !== 'greeting' || this.remote !== undefined) {
        this.close('mesh-bad-frame');
        return;
      }
      this.#events.hello(this, payload);
      return;
    }
    // Anything but hello before hello, and anything after bye, is a protocol error.
    if (this.#state === 'greeting' || this.#byeReceived) {
      this.close('mesh-bad-frame');
      return;
    }
    if (kind === FRAME_KIND.data) {
      this.#events.data(this, payload);
      return;
    }
    if (kind === FRAME_KIND.bye) {
      this.#bye(payload);
      return;
    }
    if (payload.length !== 0) {
      this.close('mesh-bad-frame');
      return;
    }
    if (kind === FRAME_KIND.ping) {
      if (!this.#byeSent) this.#queue.push(FRAME_KIND.pong, payload);
    } else if (kind === FRAME_KIND.pong) {
      if (this.#pingOpen) this.rttMs = performance.now() - this.#pingAt;
      this.#pingOpen = false;
    } else this.#events.renew(this);
  }

  #bye(payload: Buffer): void {
    this.#byeReceived = true;
    this.#drainSince ??= performance.now();
    // Replaced: the peer has a newer link; ours to it comes up in a moment and then drains this one.
    // Otherwise it shuts down, and still reads what we queued before our own bye.
    if (payload[0] !== 1 && !this.#byeSent) {
      this.drain(false);
      this.#events.leaving(this);
    } else this.#finishDrain();
  }

  #finishDrain(): void {
    if (!this.#byeSent || !this.#byeReceived) return;
    this.#queue.whenEmpty(() => {
      if (this.#state === 'ended') return;
      endSocket(this.#socket);
      this.#end(this.#orderlyCode, false);
    });
  }

  #end(code: MeshCode, destroy = true): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    if (destroy) this.#socket.destroy();
    // After both byes nothing was left to lose, whoever closed first.
    const orderly = code === 'mesh-connection-lost' && this.#byeSent && this.#byeReceived;
    this.#events.ended(this, orderly ? this.#orderlyCode : code, this.#refusedWith);
  }
}
