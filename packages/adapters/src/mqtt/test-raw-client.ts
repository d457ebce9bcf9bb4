/** Test support: a device's end of a connection that may break every rule, packet by packet. */
import { connect, type Socket } from 'node:net';
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet';

export class RawClient {
  readonly received: Packet[] = [];
  closed = false;
  private readonly waiters: (() => void)[] = [];

  private constructor(
    readonly socket: Socket,
    private readonly version: 4 | 5,
  ) {
    const parse = parser({ protocolVersion: version });
    parse.on('packet', (packet) => {
      this.received.push(packet);
      this.wake();
    });
    parse.on('error', () => socket.destroy());
    socket.on('data', (chunk) => parse.parse(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
  }

  static open(port: number, version: 4 | 5 = 4): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    return new Promise((done, failed) => {
      socket.once('error', failed);
      socket.once('connect', () => done(new RawClient(socket, version)));
    });
  }

  send(packet: Packet): void {
    if (!this.socket.destroyed) this.socket.write(generate(packet, { protocolVersion: this.version }));
  }

  /** Sends a CONNECT with sane defaults; the caller's fields win. */
  connect(fields: Partial<IConnectPacket>): void {
    this.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: this.version,
      clean: true,
      keepalive: 60,
      clientId: '',
      ...fields,
    } as IConnectPacket);
  }

  /** The first packet of this kind, received already or to come; `undefined` once the connection is closed. */
  async next<C extends Packet['cmd']>(cmd: C): Promise<Extract<Packet, { cmd?: C }> | undefined> {
    for (;;) {
      const at = this.received.findIndex((packet) => packet.cmd === cmd);
      if (at >= 0) return this.received.splice(at, 1)[0] as Extract<Packet, { cmd?: C }>;
      if (this.closed) return undefined;
      await new Promise<void>((wake) => this.waiters.push(wake));
    }
  }

  /** Resolves when the other end has closed the connection. */
  async gone(): Promise<void> {
    while (!this.closed) await new Promise<void>((wake) => this.waiters.push(wake));
  }

  destroy(): void {
    this.socket.destroy();
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }
}

/** Polls until `condition` holds; the suite's own time limit ends a wait that never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((wake) => setTimeout(wake, 5));
}
