/** Test support: a broker that says a fixed hello, records what one device does, and hands it assignments. */
import { createServer, type Socket } from 'node:net';
import { generate, type IConnectPacket, type IPublishPacket, type Packet, parser } from 'mqtt-packet';

export class TestBroker {
  readonly connects: IConnectPacket[] = [];
  readonly published: { readonly topic: string; readonly hex: string }[] = [];
  readonly subscribed: string[] = [];
  /** CONNACK code of the next device logins. */
  refuseWith = 0;
  readonly #sockets = new Set<Socket>();
  #device: Socket | undefined;

  private constructor(
    private readonly helloTopic: string,
    public hello: string,
  ) {}

  static async open(helloTopic: string, hello: string) {
    const broker = new TestBroker(helloTopic, hello);
    const server = createServer((socket) => broker.#serve(socket));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const close = async () => {
      broker.cut();
      await new Promise<void>((done) => server.close(() => done()));
    };
    return { broker, port, url: `mqtt://127.0.0.1:${port}`, close };
  }

  /** Publishes to the device, which must be there. */
  send(topic: string, payload: Uint8Array | string, chunkBytes = Number.POSITIVE_INFINITY): void {
    const bytes = generate({
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos: 0,
      dup: false,
      retain: false,
    });
    for (let at = 0; at < bytes.length; at += chunkBytes)
      this.#device!.write(bytes.subarray(at, at + chunkBytes));
  }

  /** Bytes of no packet. */
  sendRaw(bytes: Uint8Array): void {
    this.#device!.write(bytes);
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Payloads (hex) on one topic so far. */
  on(topic: string): string[] {
    return this.published.filter((message) => message.topic === topic).map(({ hex }) => hex);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (this.#device === socket) this.#device = undefined;
    });
    const parse = parser({ protocolVersion: 4 });
    parse.on('packet', (packet) => this.#packet(socket, packet));
    parse.on('error', () => socket.destroy());
    socket.on('data', (chunk) => parse.parse(chunk));
  }

  #packet(socket: Socket, packet: Packet): void {
    if (packet.cmd === 'connect') {
      const isHello = packet.username === 'hello';
      const returnCode = isHello ? 0 : this.refuseWith;
      if (!isHello) {
        this.connects.push(packet);
        if (returnCode === 0) this.#device = socket;
      }
      socket.write(generate({ cmd: 'connack', returnCode, sessionPresent: false }));
      if (returnCode !== 0) socket.end();
    } else if (packet.cmd === 'subscribe') {
      const topics = packet.subscriptions.map(({ topic }) => topic);
      this.subscribed.push(...topics);
      socket.write(generate({ cmd: 'suback', messageId: packet.messageId!, granted: topics.map(() => 0) }));
      if (!topics.includes(this.helloTopic)) return;
      const hello: IPublishPacket = {
        cmd: 'publish',
        topic: this.helloTopic,
        payload: this.hello,
        qos: 0,
        dup: false,
        retain: true,
      };
      socket.write(generate(hello));
    } else if (packet.cmd === 'publish') {
      this.published.push({ topic: packet.topic, hex: Buffer.from(packet.payload).toString('hex') });
    } else if (packet.cmd === 'pingreq') {
      socket.write(generate({ cmd: 'pingresp' }));
    }
  }
}
