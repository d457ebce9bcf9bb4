import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { AcceptGate } from './accept-gate.js';
import type { MeshLimits } from './limits.js';
import type { LinkCredentials } from './link-certificate.js';
import { endSocket, type PinnedPeer, pinPeer, tlsSettings } from './secure-socket.js';
import type { MeshCode, PeerIdentity } from './types.js';

/** What a listener asks of its endpoint. */
export interface ListenerHost {
  readonly limits: MeshLimits;
  allowed(peerKey: Uint8Array): PeerIdentity | undefined;
  accepted(socket: TLSSocket, pinned: PinnedPeer): void;
  refused(code: MeshCode): void;
}

/** The accepting side: TLS server, bounded handshakes, pinning. Hands over sockets of known peers only. */
export class Listener {
  readonly #host: ListenerHost;
  readonly #server: Server;
  readonly #gate: AcceptGate;
  readonly #sockets = new Set<Socket>();

  constructor(credentials: LinkCredentials, host: ListenerHost) {
    this.#host = host;
    this.#gate = new AcceptGate(host.limits);
    const handshakeTimeout = host.limits.handshakeTimeoutMs;
    this.#server = createServer({ ...tlsSettings(credentials), handshakeTimeout, noDelay: true });
    this.#server.on('connection', (socket: Socket) => this.#connection(socket));
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      host.refused(
        error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'mesh-handshake-timeout' : 'mesh-handshake-failed',
      );
      socket.destroy();
    });
  }

  /** Sockets accepted and not yet greeted. */
  get waiting(): number {
    return this.#gate.waiting;
  }

  /** Listens. Errors: `mesh-port-taken`, `mesh-port-denied`, `mesh-listen-failed`. */
  listen(at: { host: string; port: number }): Promise<Result<{ port: number }>> {
    return new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void => resolve(listenFailure(error, at));
      this.#server.once('error', failed);
      this.#server.listen(at.port, at.host, () => {
        this.#server.off('error', failed);
        // A failing accept (too many open files) must not stop the node; the peer dials again.
        this.#server.on('error', () => this.#host.refused('mesh-listen-failed'));
        resolve(ok({ port: (this.#server.address() as AddressInfo).port }));
      });
    });
  }

  /** The peer behind an accepted socket has been greeted: its place is free. */
  greeted(socket: TLSSocket): void {
    this.#gate.leave(socket);
  }

  /** New handshakes use another key. */
  rotate(credentials: LinkCredentials): void {
    this.#server.setSecureContext(tlsSettings(credentials));
  }

  /** Takes no more sockets; those that are open stay. */
  stop(): void {
    if (this.#server.listening) this.#server.close();
  }

  /** Destroys what is still open. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #connection(socket: Socket): void {
    if (!this.#gate.enter(socket)) {
      this.#host.refused('mesh-handshakes-full');
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #secured(socket: TLSSocket): void {
    socket.on('error', () => {}); // 'close' follows
    const pinned = pinPeer(socket, (key) => this.#host.allowed(key));
    if (pinned.ok) this.#host.accepted(socket, pinned.value);
    else {
      this.#host.refused(pinned.error.code);
      endSocket(socket, pinned.error.code);
    }
  }
}

function listenFailure(error: NodeJS.ErrnoException, at: { host: string; port: number }): Result<never> {
  const place = `${at.host}:${at.port}`;
  if (error.code === 'EADDRINUSE') {
    return fail(
      'mesh-port-taken',
      `Another process listens on ${place}; stop it or set another mesh port.`,
      at,
    );
  }
  if (error.code === 'EACCES') {
    return fail('mesh-port-denied', `This user may not listen on ${place}; take a port above 1023.`, at);
  }
  const why = error.code ?? error.message;
  return fail(
    'mesh-listen-failed',
    `The mesh can't listen on ${place} (${why}); check the host and port.`,
    at,
  );
}
