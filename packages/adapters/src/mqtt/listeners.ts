/** The doors of the embedded broker: TCP, TLS and WebSocket, all behind the accept gate. */
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { AcceptGate, Ticket } from './accept-gate.js';
import type { TransportPorts } from './device-transport.js';
import type { TransportLimits } from './limits.js';

export interface ListenAddress {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface TlsListen extends ListenAddress {
  /** PEM. */
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

export interface ListenOptions {
  readonly tcp?: ListenAddress;
  readonly tls?: TlsListen;
  /** MQTT over WebSocket (sub-protocol `mqtt`); encryption is the reverse proxy's. */
  readonly ws?: ListenAddress;
}

/** Takes a stream that holds a whole CONNECT packet. */
export type Admit = (stream: Duplex, ticket: Ticket) => void;

export class Listeners {
  private readonly servers: (Server | HttpServer)[] = [];
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly gate: AcceptGate,
    private readonly limits: TransportLimits,
    private readonly admit: Admit,
  ) {}

  /** Opens all doors or none. Errors: `mqtt-port-taken`, `mqtt-listen-failed`. */
  async open(options: ListenOptions): Promise<Result<TransportPorts>> {
    const ports: { tcpPort?: number; tlsPort?: number; wsPort?: number } = {};
    const doors = [
      options.tcp && { key: 'tcpPort' as const, server: this.tcpServer(), at: options.tcp },
      options.tls && { key: 'tlsPort' as const, server: this.tlsServer(options.tls), at: options.tls },
      options.ws && { key: 'wsPort' as const, server: this.wsServer(), at: options.ws },
    ];
    for (const door of doors) {
      if (door === undefined) continue;
      const bound = await listen(door.server, door.at);
      if (!bound.ok) {
        await this.close();
        return bound;
      }
      this.servers.push(door.server);
      ports[door.key] = bound.value;
    }
    return ok(ports);
  }

  /** Closes the doors and every socket that came through them. */
  async close(): Promise<void> {
    const closed = this.servers.map((server) => new Promise<void>((done) => server.close(() => done())));
    for (const socket of this.sockets) socket.destroy();
    this.servers.length = 0;
    await Promise.all(closed);
  }

  private take(socket: Socket): Ticket | undefined {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return this.gate.accept(socket);
  }

  private tcpServer(): Server {
    return createServer({ noDelay: true }, (socket) => {
      const ticket = this.take(socket);
      if (ticket) this.gate.waitForConnect(socket, ticket, () => this.admit(socket, ticket));
    });
  }

  private tlsServer(tls: TlsListen): Server {
    const secureContext = createSecureContext({ key: tls.key, cert: tls.cert });
    return createServer({ noDelay: true }, (socket) => {
      const ticket = this.take(socket);
      if (!ticket) return;
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      this.gate.waitForConnect(secure, ticket, () => this.admit(secure, ticket));
    });
  }

  private wsServer(): HttpServer {
    const tickets = new WeakMap<Duplex, Ticket>();
    const http = createHttpServer({ noDelay: true, maxHeaderSize: 8192 }, (_request, response) => {
      response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' });
      response.end('This port speaks MQTT over WebSocket (sub-protocol "mqtt").\n');
    });
    http.on('connection', (socket) => {
      const ticket = this.take(socket);
      if (ticket) tickets.set(socket, ticket);
    });
    const upgrades = new WebSocketServer({
      noServer: true,
      maxPayload: this.limits.maxPacketBytes + this.limits.maxConnectBytes,
      handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
    });
    http.on('upgrade', (request, socket, head) => {
      const ticket = tickets.get(socket);
      if (!ticket || request.headers['sec-websocket-protocol']?.includes('mqtt') !== true) {
        socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
        return;
      }
      upgrades.handleUpgrade(request, socket, head, (webSocket) => {
        const stream = createWebSocketStream(webSocket);
        stream.once('close', () => ticket.socket.destroy());
        this.gate.waitForConnect(stream, ticket, () => this.admit(stream, ticket));
      });
    });
    return http;
  }
}

function listen(server: Server | HttpServer, at: ListenAddress): Promise<Result<number>> {
  return new Promise((done) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const where = `${at.host}:${at.port}`;
      if (error.code === 'EADDRINUSE') {
        done(
          fail('mqtt-port-taken', `${where} is in use; stop the other program or choose another port.`, {
            ...at,
          }),
        );
      } else {
        const message = `Cannot listen on ${where} (${error.code ?? 'unknown'}); check address and rights.`;
        done(fail('mqtt-listen-failed', message, { host: at.host, port: at.port, cause: error.code }));
      }
    };
    server.once('error', failed);
    server.listen(at.port, at.host, 4096, () => {
      server.removeListener('error', failed);
      server.on('error', () => {});
      const address = server.address();
      done(ok(typeof address === 'object' && address !== null ? address.port : at.port));
    });
  });
}
