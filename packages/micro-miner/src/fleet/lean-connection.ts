/**
 * Thousands of real MQTT connections in one process: a socket of node:net each, packets by the
 * mqtt-packet codec. What they share is what a single client would waste: the read buffer, the
 * parser, and one clock for all keep-alives.
 */
import { connect, type Socket } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';
import type { ConnectionOwner, ConnectionRequest, Connector, DeviceConnection } from '../connection.js';
import { type PacketSink, readPackets } from './packet-reader.js';

const CONNECT_TIMEOUT_MS = 10_000;
const SWEEP_MS = 1000;
/** Sockets read into it one after another, and what they read is used up before the next. */
const readBuffer = new Uint8Array(65_536);
const NOTHING = new Uint8Array(0);
const PINGREQ = generate({ cmd: 'pingreq' });
const DISCONNECT = generate({ cmd: 'disconnect' });
const SUBSCRIBE_ID = 1;

/** Connects to one broker over TCP. */
export function leanConnector(host: string, port: number): Connector {
  return (request, owner) => new LeanConnection(host, port, request, owner);
}

const open = new Set<LeanConnection>();
let sweeper: ReturnType<typeof setInterval> | undefined;

class LeanConnection implements DeviceConnection, PacketSink {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #keepaliveMs: number;
  #rest: Uint8Array = NOTHING;
  #accepted = false;
  #reason = 'the connection was lost';
  #refused = false;
  #sentAtMs = performance.now();
  #heardAtMs = this.#sentAtMs;

  constructor(host: string, port: number, request: ConnectionRequest, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#keepaliveMs = request.keepaliveSeconds * 1000;
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.#read(readBuffer.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => {
      this.#reason = error.message;
    });
    this.#socket.on('close', () => this.#closed());
    this.#write(generate(connectPacket(request)));
    open.add(this);
    sweeper ??= setInterval(sweep, SWEEP_MS);
  }

  subscribe(topics: readonly string[]): void {
    const subscriptions = topics.map((topic) => ({ topic, qos: 0 as const }));
    this.#write(generate({ cmd: 'subscribe', messageId: SUBSCRIBE_ID, subscriptions }));
  }

  publish(topic: string, payload: Uint8Array): void {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    this.#write(generate({ cmd: 'publish', topic, payload: bytes, qos: 0, dup: false, retain: false }));
  }

  end(): void {
    if (!this.#socket.destroyed) this.#socket.end(DISCONNECT);
  }

  packet(packet: Packet): void {
    if (packet.cmd === 'publish') {
      if (this.#accepted) this.#owner.received(packet.topic, packet.payload as Buffer);
    } else if (packet.cmd === 'connack') {
      if (packet.returnCode === 0) {
        this.#accepted = true;
        this.#owner.connected();
      } else this.#fail(`connection refused: ${packet.returnCode}`, true);
    } else if (packet.cmd === 'suback' && packet.granted.some((code) => code === 0x80)) {
      this.#fail('a subscription was refused', false);
    }
  }

  /** Pings in good time; gives up where neither the login nor the answer to a ping comes. */
  sweep(nowMs: number): void {
    const silentMs = nowMs - this.#heardAtMs;
    if (!this.#accepted) {
      if (silentMs > CONNECT_TIMEOUT_MS) this.#fail('no answer', false);
    } else if (silentMs > 1.5 * this.#keepaliveMs) {
      this.#fail('the trust node fell silent', false);
    } else if (Math.max(nowMs - this.#sentAtMs, silentMs) > 0.75 * this.#keepaliveMs) {
      this.#write(PINGREQ);
    }
  }

  #read(chunk: Uint8Array): void {
    this.#heardAtMs = performance.now();
    const rest = readPackets(this, this.#rest, chunk);
    if (rest === undefined) this.#fail('the peer speaks no MQTT', false);
    else this.#rest = rest;
  }

  #write(bytes: Buffer): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#sentAtMs = performance.now();
    this.#socket.write(bytes);
  }

  #fail(reason: string, refused: boolean): void {
    this.#reason = reason;
    this.#refused = refused;
    this.#socket.destroy();
  }

  #closed(): void {
    open.delete(this);
    if (open.size === 0) {
      clearInterval(sweeper);
      sweeper = undefined;
    }
    this.#owner.closed(this.#reason, this.#refused);
  }
}

function sweep(): void {
  const nowMs = performance.now();
  for (const connection of open) connection.sweep(nowMs);
}

function connectPacket(request: ConnectionRequest): Packet {
  const { clientId, username, password, will, keepaliveSeconds } = request;
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId,
    username,
    keepalive: keepaliveSeconds,
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
    ...(will === undefined
      ? {}
      : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 0, retain: false } }),
  };
}
