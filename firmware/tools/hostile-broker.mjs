// A broker whose every byte is chosen by a test: it takes connections one by one, over TCP or TLS, and says what it is told to.
import { createServer as createTcp } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { sign } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import { encodeAssignment } from '@iotw/protocol/assignment';
import { deviceTopic, helloTopic, networkPrefix } from '@iotw/protocol/device-topics';
import { blockHash } from '@iotw/protocol/header';

export const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const PINGREQ = 12;
/** Longer than any pause between a device's attempts. */
const PATIENCE_MS = 60_000;

/** One connection of a device: its packets, and what the test says to it. */
export class Connection {
  #socket;
  #bytes = Buffer.alloc(0);
  #packets = [];
  #wakers = new Set();
  closed = false;

  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#split();
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  #wake() {
    for (const waker of this.#wakers) waker();
    this.#wakers.clear();
  }

  #split() {
    for (;;) {
      const size = lengthOf(this.#bytes);
      if (size === undefined || this.#bytes.length < size.head + size.body) return;
      const whole = this.#bytes.subarray(0, size.head + size.body);
      this.#packets.push({ kind: whole[0] >> 4, body: whole.subarray(size.head) });
      this.#bytes = this.#bytes.subarray(whole.length);
    }
  }

  /** The next packet of a kind; pings are answered, others in between passed over. Throws where none comes. */
  async packet(kind) {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      for (let next = this.#packets.shift(); next !== undefined; next = this.#packets.shift()) {
        if (next.kind === PINGREQ) this.raw(Buffer.from([0xd0, 0]));
        if (next.kind === kind) return next;
      }
      if (this.closed) throw new Error('the device closed the connection');
      if (Date.now() > until) throw new Error(`no packet of kind ${kind} came`);
      await this.#change();
    }
  }

  #change() {
    return new Promise((resolve) => {
      this.#wakers.add(resolve);
      setTimeout(resolve, 1_000).unref();
    });
  }

  /** The next publish on a topic of the device that ends so. @returns {Promise<Buffer>} its payload */
  async published(leaf) {
    for (;;) {
      const { body } = await this.packet(PUBLISH);
      const length = body.readUInt16BE(0);
      if (body.toString('latin1', 2, 2 + length).endsWith(`/${leaf}`)) return body.subarray(2 + length);
    }
  }

  /** What is left to read on a topic of a connection that is over. @returns {Promise<Buffer[]>} payloads */
  async rest(leaf) {
    await this.ended();
    const payloads = [];
    try {
      for (;;) payloads.push(await this.published(leaf));
    } catch {
      return payloads;
    }
  }

  async ended() {
    const until = Date.now() + PATIENCE_MS;
    while (!this.closed) {
      if (Date.now() > until) throw new Error('the device stays');
      await this.#change();
    }
  }

  /** @param {Uint8Array} bytes @param {number} [piece] so many at a time, each in a segment of its own */
  async raw(bytes, piece = bytes.length) {
    for (let at = 0; at < bytes.length && !this.closed; at += piece) {
      this.#socket.write(bytes.subarray(at, at + piece));
      if (piece < bytes.length) await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  cut() {
    this.closed = true;
    this.#socket.destroy();
  }
}

/** @returns {{head: number, body: number} | undefined} undefined: its length has not come yet */
function lengthOf(bytes) {
  let body = 0;
  for (let i = 1; i < bytes.length && i <= 4; i++) {
    body += (bytes[i] & 0x7f) * 128 ** (i - 1);
    if (bytes[i] < 0x80) return { head: i + 1, body };
  }
  return undefined;
}

export class HostileBroker {
  #server;
  #waiting = [];
  #takers = [];
  #sockets = new Set();
  /** Connections on which something could be said: for TLS, those whose handshake ended well. */
  spoken = 0;
  port = 0;

  /** @param {{key: string, cert: string}} [tls] @param {number} [port] */
  static async open(tls, port = 0) {
    const broker = new HostileBroker();
    const take = (socket) => broker.#take(new Connection(socket));
    // A handshake that the device ends is an error of no interest here.
    broker.#server =
      tls === undefined
        ? createTcp(take)
        : createTls({ ...tls, maxVersion: 'TLSv1.2' }, take).on('tlsClientError', () => {});
    broker.#server.on('connection', (socket) => {
      broker.#sockets.add(socket);
      socket.on('close', () => broker.#sockets.delete(socket));
    });
    await new Promise((resolve, reject) => {
      broker.#server.once('error', reject);
      broker.#server.listen(port, '127.0.0.1', resolve);
    });
    broker.port = broker.#server.address().port;
    return broker;
  }

  #take(connection) {
    this.spoken += 1;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#waiting.push(connection);
    else taker(connection);
  }

  /** The next connection, once it can speak. @returns {Promise<Connection>} */
  next() {
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift())
      if (!waiting.closed) return Promise.resolve(waiting);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the device does not come back')), PATIENCE_MS);
      this.#takers.push((connection) => {
        clearTimeout(timer);
        resolve(connection);
      });
    });
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What a network would say: hello, assignments, and the handshakes of a login. */
export class Voice {
  /** @param {{network: Uint8Array, lane: {publicKey: Uint8Array, secretKey: Uint8Array}, deviceHex: string, device: number}} of */
  constructor({ network, lane, deviceHex, device }) {
    this.network = network;
    this.lane = lane;
    this.device = device;
    const prefix = networkPrefix(network);
    this.helloTopic = helloTopic(prefix);
    this.assignTopic = deviceTopic(prefix, deviceHex, 'assign');
  }

  /** @param {object} [other] fields that differ */
  hello(other = {}) {
    const fields = {
      ...{
        protocolVersion: 1,
        network: hex(this.network),
        trustNode: 0,
        epoch: 5,
        session: '0011223344556677',
      },
      ...{ laneKeys: [hex(this.lane.publicKey)], epochMs: 600_000 },
      ...other,
    };
    return publish(this.helloTopic, Buffer.from(JSON.stringify(fields)));
  }

  /** An assignment of lane 0. @param {number} height @param {{network?: Uint8Array, count?: number}} [other] */
  assignment(height, { network = this.network, count = 3 } = {}) {
    const ids = new Uint8Array(32 * count).fill(height & 0xff);
    const header = {
      ...{
        lane: 0,
        incarnation: 0,
        height,
        previous: new Uint8Array(32),
        root: merkleRoot(ids, count, 1024),
        count,
      },
      ...{ timeMs: 1_700_000_000_000, epoch: 5, refRound: 1 },
    };
    const signature = sign(blockHash(network, header), this.lane.secretKey);
    return Buffer.from(
      encodeAssignment({ header, signature, attempt: 0, rank: 1, device: this.device, ids }),
    );
  }

  /** Well formed but for its number of transactions. @param {number} count */
  oversized(count) {
    const bytes = Buffer.concat([
      this.assignment(0, { count: 1 }).subarray(0, 175),
      Buffer.alloc(32 * count),
    ]);
    bytes.writeUInt16LE(count, 78);
    return bytes;
  }

  /** @param {Uint8Array} payload */
  assign(payload) {
    return publish(this.assignTopic, payload);
  }

  /** Lets the device in on a connection: as `hello` first, where it asks. @returns {Promise<Connection>} on which it is logged in */
  async admit(broker, hello = this.hello()) {
    for (;;) {
      const connection = await broker.next();
      try {
        const { body } = await connection.packet(CONNECT);
        const asks = body.includes('hello-');
        await connection.raw(Buffer.from([0x20, 2, 0, 0]));
        const { body: wanted } = await connection.packet(SUBSCRIBE);
        await connection.raw(suback(wanted));
        await connection.raw(hello);
        if (!asks) return connection;
        await connection.ended();
      } catch (error) {
        if (!connection.closed) throw error;
      }
    }
  }
}

/** Grants all that was asked for. */
function suback(body) {
  let topics = 0;
  for (let at = 2; at < body.length; at += 2 + body.readUInt16BE(at) + 1) topics += 1;
  return Buffer.from([0x90, 2 + topics, body[0], body[1], ...new Array(topics).fill(0)]);
}

/** A QoS 0 publish. */
export function publish(topic, payload) {
  const body = Buffer.concat([
    Buffer.from([topic.length >> 8, topic.length & 0xff]),
    Buffer.from(topic),
    payload,
  ]);
  const length = [];
  for (let left = body.length; left > 0 || length.length === 0; left >>= 7)
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
}
