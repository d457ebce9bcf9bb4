/** The MQTT broker inside a trust node: logs devices in, keeps them to their own topics, bounds what they cost. */
import { randomBytes } from 'node:crypto';
import type { Result } from '@iotw/kernel/result';
import { deviceTopic, helloTopic, networkPrefix } from '@iotw/protocol/device-topics';
import { encodeDeviceNumber } from '@iotw/protocol/device-wire';
import { hostMoveMessage } from '@iotw/protocol/hello';
import { Aedes, type AuthenticateError, type Client, type Subscription } from 'aedes';
import { type IConnectPacket, writeToStream } from 'mqtt-packet';
import { BufferPool } from '../buffers/buffer-pool.js';
import { AcceptGate } from './accept-gate.js';
import { DEVICE_ACCESS, type DeviceAccess } from './access.js';
import { type ConnectState, type ConnectVerdict, disarmConnect, judgeConnect } from './connect-policy.js';
import type {
  DeviceTransport,
  MessageHandler,
  PresenceHandler,
  TransportOptions,
  TransportPorts,
  TransportStats,
} from './device-transport.js';
import { directParse } from './direct-messages.js';
import { ExactEmitter } from './exact-emitter.js';
import { GatewayAccess } from './gateway-access.js';
import { GatewaySessions, Refusal } from './gateway-sessions.js';
import { Listeners, type ListenOptions } from './listeners.js';
import { publishFrame } from './publish-frame.js';
import type { GatewaySession } from './session-watch.js';
import { SessionlessPersistence } from './sessionless-persistence.js';
import { TokenBucket } from './token-bucket.js';
import { monotonicMs, TransportCore, transportHello } from './transport-core.js';

// Otherwise it makes 65,536 small buffers, one of each u16, that the collector walks over ever after.
writeToStream.cacheNumbers = false;

export interface GatewayOptions extends TransportOptions {
  readonly listen: ListenOptions;
  /** The topics a device may use; default: `DEVICE_ACCESS`. */
  readonly access?: DeviceAccess;
}

/** Devices that are told hello in one turn of the event loop. */
const ANNOUNCED_AT_ONCE = 64;

export class DeviceGateway implements DeviceTransport {
  private readonly core: TransportCore;
  private readonly prefix: string;
  private readonly hello: string;
  private readonly helloSession = randomBytes(8).toString('hex');
  private readonly gate: AcceptGate;
  private readonly listeners: Listeners;
  private readonly broker: Aedes;
  private readonly state: ConnectState;
  private readonly sessions: GatewaySessions;
  private readonly verdicts = new WeakMap<Client, ConnectVerdict>();
  private readonly helloBytes = () => transportHello(this.options, this.helloSession);
  /** Of assignments: each goes back when its socket has written it. */
  private readonly frames = new BufferPool();
  private helloCount = 0;

  constructor(private readonly options: GatewayOptions) {
    this.core = new TransportCore(options);
    const { limits, incidents } = this.core;
    this.prefix = networkPrefix(options.network);
    this.hello = helloTopic(this.prefix);
    this.sessions = new GatewaySessions(this.core, this.prefix, this.hello);
    this.gate = new AcceptGate(limits, incidents, monotonicMs);
    this.listeners = new Listeners(this.gate, limits, (stream, ticket) => {
      this.sessions.tickets.set(stream, ticket);
      this.broker.handle(stream);
    });
    const helloBucket = new TokenBucket(limits.helloPerSecond, limits.helloBurst, monotonicMs());
    this.state = {
      network: options.network,
      trustNode: options.trustNode,
      prefix: this.prefix,
      limits,
      get epoch() {
        return options.epoch();
      },
      authorize: options.authorize,
      hasRoom: (device) => this.sessions.get(device) !== undefined || this.sessions.size < limits.maxSessions,
      takeHello: () => this.sessions.helloReaders < limits.maxHello && helloBucket.take(monotonicMs()),
    };
    this.broker = this.createBroker();
  }

  async start(): Promise<Result<TransportPorts>> {
    await this.broker.listen();
    const opened = await this.listeners.open(this.options.listen);
    if (opened.ok) this.sessions.watch.start();
    else await this.close();
    return opened;
  }

  assign(deviceKeyHex: string, bytes: Uint8Array): boolean {
    const session = this.sessions.get(deviceKeyHex);
    if (session === undefined || !session.present) return false;
    const version = session.client.version === 5 ? 5 : 4;
    const topic = deviceTopic(this.prefix, deviceKeyHex, 'assign');
    let memory: ArrayBuffer | undefined;
    const frame = publishFrame(version, topic, bytes, (length) => {
      // Node keeps small buffers in slabs of its own.
      if (length <= Buffer.poolSize >>> 1) return Buffer.allocUnsafe(length);
      memory = this.frames.take(length);
      return Buffer.from(memory, 0, length);
    });
    this.core.failpoints?.hit('mqtt-assign');
    const written = memory === undefined ? undefined : () => this.frames.give(memory!);
    if (!this.send(session, frame, written)) return false;
    this.core.assignments += 1;
    return true;
  }

  connected(deviceKeyHex: string): boolean {
    return this.sessions.get(deviceKeyHex)?.present === true;
  }

  onResult(handler: MessageHandler): void {
    this.core.onResult(handler);
  }
  onTransaction(handler: MessageHandler): void {
    this.core.onTransaction(handler);
  }
  onTelemetry(handler: MessageHandler): void {
    this.core.onTelemetry(handler);
  }
  onStatus(handler: MessageHandler): void {
    this.core.onStatus(handler);
  }
  onPresenceChange(handler: PresenceHandler): void {
    this.core.onPresenceChange(handler);
  }

  refresh(): void {
    const listeners: GatewaySession[] = [];
    for (const session of this.sessions.all()) {
      if (!this.options.authorize(session.deviceKey).ok) this.expel(session, 'mqtt-right-revoked');
      else if (session.hears) listeners.push(session);
      this.tellHost(session);
    }
    this.announce(listeners, 0);
  }

  refused(deviceKeyHex: string, code: string): void {
    this.core.incidents.add({ code, device: deviceKeyHex });
  }

  stats(): TransportStats {
    const { core } = this;
    return {
      sessions: this.sessions.size,
      present: this.sessions.present,
      pending: this.gate.pendingCount,
      logins: core.logins,
      assignments: core.assignments,
      results: core.results,
      transactions: core.transactions,
      telemetry: core.telemetry,
      incidents: core.incidents.toRecord(),
    };
  }

  async close(): Promise<void> {
    this.sessions.watch.stop();
    await this.listeners.close();
    for (const session of [...this.sessions.all()]) session.client.close();
    await new Promise<void>((done) => this.broker.close(done));
  }

  private createBroker(): Aedes {
    const { limits } = this.core;
    const persistence = new SessionlessPersistence(this.hello, this.helloBytes);
    const { sessions } = this;
    const allowed = this.options.access ?? DEVICE_ACCESS;
    const access = new GatewayAccess(this.core, sessions, this.prefix, this.hello, allowed);
    const broker = new Aedes({
      mq: new ExactEmitter(),
      persistence,
      connectTimeout: limits.connectTimeoutMs,
      drainTimeout: limits.drainTimeoutMs,
      maximumPacketSize: limits.maxPacketBytes,
      keepaliveLimit: limits.maxKeepaliveSeconds,
      maxTopicLevels: 8,
      preConnect: (client, packet, done) => {
        this.verdicts.set(client, judgeConnect(this.state, packet));
        this.prepare(client, packet);
        done(null, true);
      },
      authenticate: (client, _username, _password, done) => {
        const verdict = this.verdicts.get(client);
        if (verdict === undefined || verdict.kind === 'refused') {
          const error = new Refusal(verdict?.code ?? 'mqtt-login-malformed');
          done(Object.assign(error, { returnCode: verdict?.returnCode ?? 5 }) as AuthenticateError, false);
        } else done(null, true);
      },
      authorizePublish: (client, packet, done) => access.publish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => access.subscribe(client, subscription, done),
    });
    const shorten = directParse(limits.maxPacketBytes, (...message) => access.take(...message));
    broker.on('client', (client) => {
      sessions.opened(client, this.verdicts.get(client));
      this.verdicts.delete(client);
      if (sessions.of(client) !== undefined) shorten(client);
    });
    broker.on('clientDisconnect', (client) => sessions.closed(client));
    broker.on('subscribe', (subscriptions, client) => {
      sessions.subscribed(subscriptions, client);
      const session = sessions.of(client);
      if (session === undefined) return;
      this.tellHost(session);
      this.tellNumber(session, subscriptions);
    });
    broker.on('unsubscribe', (topics, client) => sessions.unsubscribed(topics, client));
    broker.on('ping', (_packet, client) => sessions.countControl(client));
    broker.on('keepaliveTimeout', (client) => sessions.count('mqtt-keepalive-timeout', client));
    broker.on('clientError', (client, error) => sessions.failed(client, error));
    broker.on('connectionError', (client, error) => sessions.failed(client, error));
    return broker;
  }

  private prepare(client: Client, packet: IConnectPacket): void {
    const verdict = this.verdicts.get(client);
    disarmConnect(packet, this.core.limits);
    if (verdict?.kind === 'hello') {
      // A name of our choice: a stranger's client id must not push anybody out.
      this.helloCount += 1;
      packet.clientId = `hello-${this.helloCount}`;
    } else if (verdict?.kind === 'refused') {
      const address = this.sessions.tickets.get(client.conn)?.address;
      this.core.incidents.add({
        code: verdict.code,
        ...(address === undefined ? {} : { address }),
        ...(verdict.device === undefined ? {} : { device: verdict.device }),
        ...(verdict.detail === undefined ? {} : { detail: verdict.detail }),
      });
    } else if (verdict?.kind === 'device' && this.sessions.get(verdict.deviceKeyHex) !== undefined) {
      this.core.incidents.add({ code: 'mqtt-session-replaced', device: verdict.deviceKeyHex });
    }
  }

  /** Straight to the socket: a topic with one known reader needs no bus (see publish-frame.ts). `written`: nobody reads the frame any more. */
  private send(session: GatewaySession, frame: Buffer, written?: () => void): boolean {
    const { conn } = session.client;
    if (conn.destroyed || !conn.writable) return false;
    if (conn.writableLength > this.core.limits.maxQueuedBytes) {
      this.expel(session, 'mqtt-slow-subscriber');
      return false;
    }
    if (!conn.write(frame, written)) this.sessions.watch.stalled(session);
    return true;
  }

  /** Tells a device that asked for it where it belongs, if that is elsewhere. */
  private tellHost(session: GatewaySession): void {
    if (!session.movable) return;
    const { id, version } = session.client;
    const move = this.options.moveOf?.(id);
    if (move === undefined) return;
    const topic = deviceTopic(this.prefix, id, 'host');
    this.send(session, publishFrame(version === 5 ? 5 : 4, topic, hostMoveMessage(move)));
  }

  /** Answers the question that a subscription to its topic `number` is. */
  private tellNumber(session: GatewaySession, subscriptions: readonly Subscription[]): void {
    const { id, version } = session.client;
    const topic = deviceTopic(this.prefix, id, 'number');
    if (!subscriptions.some((asked) => asked.topic === topic && (asked.qos as number) < 0x80)) return;
    const number = this.options.numberOf?.(session.deviceKey);
    if (number === undefined) return;
    this.send(session, publishFrame(version === 5 ? 5 : 4, topic, encodeDeviceNumber(number)));
  }

  private expel(session: GatewaySession, code: string): void {
    this.sessions.count(code, session.client);
    this.sessions.drop(session.client, code);
  }

  /** Hello to all who stay subscribed, a few at a turn: assignments must not wait for ten thousand writes. */
  private announce(listeners: readonly GatewaySession[], from: number): void {
    if (from >= listeners.length) return;
    const bytes = this.helloBytes();
    const frames = { 4: publishFrame(4, this.hello, bytes), 5: publishFrame(5, this.hello, bytes) };
    const end = Math.min(listeners.length, from + ANNOUNCED_AT_ONCE);
    for (let i = from; i < end; i++) {
      const session = listeners[i]!;
      if (this.sessions.of(session.client) === session)
        this.send(session, frames[session.client.version === 5 ? 5 : 4]);
    }
    setImmediate(() => this.announce(listeners, end));
  }
}
