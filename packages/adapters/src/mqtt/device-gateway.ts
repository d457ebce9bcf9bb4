/** The MQTT broker inside a trust node: logs devices in, keeps them to their own topics, bounds what they cost. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Result } from '@iotw/kernel/result';
import { deviceTopic, helloTopic, leafOf, networkPrefix } from '@iotw/protocol/device-topics';
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { IConnectPacket } from 'mqtt-packet';
import { AcceptGate, type Ticket } from './accept-gate.js';
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
import { ExactEmitter } from './exact-emitter.js';
import { Listeners, type ListenOptions } from './listeners.js';
import { publishFrame } from './publish-frame.js';
import { type GatewaySession, SessionWatch } from './session-watch.js';
import { SessionlessPersistence } from './sessionless-persistence.js';
import { TokenBucket } from './token-bucket.js';
import { isDelivered, monotonicMs, TransportCore, transportHello } from './transport-core.js';

export interface GatewayOptions extends TransportOptions {
  readonly listen: ListenOptions;
  /** The topics a device may use; default: `DEVICE_ACCESS`. */
  readonly access?: DeviceAccess;
}

/** MQTT 5 reason codes of a server's DISCONNECT (section 3.14.2.1). */
const REASON = {
  notAuthorized: 0x87,
  replaced: 0x8e,
  rate: 0x96,
  quota: 0x97,
  administrative: 0x98,
  retain: 0x9a,
  qos: 0x9b,
};

/** Devices that are told hello in one turn of the event loop. */
const ANNOUNCED_AT_ONCE = 64;

/** An error that was counted where it arose; the broker only passes it on. */
class Refusal extends Error {}

export class DeviceGateway implements DeviceTransport {
  private readonly core: TransportCore;
  private readonly prefix: string;
  private readonly hello: string;
  private readonly helloSession = randomBytes(8).toString('hex');
  private readonly access: DeviceAccess;
  private readonly gate: AcceptGate;
  private readonly listeners: Listeners;
  private readonly broker: Aedes;
  private readonly state: ConnectState;
  private readonly sessions = new Map<string, GatewaySession>();
  private readonly helloClients = new Map<Client, number>();
  private readonly verdicts = new WeakMap<Client, ConnectVerdict>();
  private readonly tickets = new WeakMap<Duplex, Ticket>();
  private readonly watch: SessionWatch;
  private readonly helloBytes = () => transportHello(this.options, this.helloSession);
  private helloCount = 0;
  private present = 0;

  constructor(private readonly options: GatewayOptions) {
    this.core = new TransportCore(options);
    const { limits, incidents } = this.core;
    this.prefix = networkPrefix(options.network);
    this.hello = helloTopic(this.prefix);
    this.access = options.access ?? DEVICE_ACCESS;
    this.gate = new AcceptGate(limits, incidents, monotonicMs);
    this.listeners = new Listeners(this.gate, limits, (stream, ticket) => {
      this.tickets.set(stream, ticket);
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
      hasRoom: (device) => this.sessions.has(device) || this.sessions.size < limits.maxSessions,
      takeHello: () => this.helloClients.size < limits.maxHello && helloBucket.take(monotonicMs()),
    };
    this.broker = this.createBroker();
    this.watch = new SessionWatch(limits, this.sessions, this.helloClients, (client, code) =>
      this.drop(client, code),
    );
  }

  async start(): Promise<Result<TransportPorts>> {
    await this.broker.listen();
    const opened = await this.listeners.open(this.options.listen);
    if (opened.ok) this.watch.start();
    else await this.close();
    return opened;
  }

  assign(deviceKeyHex: string, bytes: Uint8Array): boolean {
    const session = this.sessions.get(deviceKeyHex);
    if (session === undefined || !session.present) return false;
    const frame = publishFrame(
      session.client.version === 5 ? 5 : 4,
      deviceTopic(this.prefix, deviceKeyHex, 'assign'),
      bytes,
    );
    if (!this.send(session, frame)) return false;
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
    for (const session of this.sessions.values()) {
      if (!this.options.authorize(session.deviceKey).ok) this.drop(session.client, 'mqtt-right-revoked');
      else if (session.hears) listeners.push(session);
    }
    this.announce(listeners, 0);
  }

  stats(): TransportStats {
    const { core } = this;
    return {
      sessions: this.sessions.size,
      present: this.present,
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
    this.watch.stop();
    await this.listeners.close();
    for (const session of [...this.sessions.values()]) session.client.close();
    await new Promise<void>((done) => this.broker.close(done));
  }

  private createBroker(): Aedes {
    const { limits } = this.core;
    const persistence = new SessionlessPersistence(this.hello, this.helloBytes);
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
      authorizePublish: (client, packet, done) => this.authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => this.authorizeSubscribe(client, subscription, done),
    });
    broker.on('client', (client) => this.opened(client));
    broker.on('clientDisconnect', (client) => this.closed(client));
    broker.on('subscribe', (subscriptions, client) => this.subscribed(subscriptions, client));
    broker.on('unsubscribe', (topics, client) => this.unsubscribed(topics, client));
    broker.on('ping', (_packet, client) => this.countControl(client));
    broker.on('keepaliveTimeout', (client) => this.count('mqtt-keepalive-timeout', client));
    broker.on('clientError', (client, error) => this.failed(client, error));
    broker.on('connectionError', (client, error) => this.failed(client, error));
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
      const address = this.tickets.get(client.conn)?.address;
      this.core.incidents.add({
        code: verdict.code,
        ...(address === undefined ? {} : { address }),
        ...(verdict.device === undefined ? {} : { device: verdict.device }),
        ...(verdict.detail === undefined ? {} : { detail: verdict.detail }),
      });
    } else if (verdict?.kind === 'device' && this.sessions.has(verdict.deviceKeyHex)) {
      this.core.incidents.add({ code: 'mqtt-session-replaced', device: verdict.deviceKeyHex });
    }
  }

  private opened(client: Client): void {
    const ticket = this.tickets.get(client.conn);
    ticket?.release();
    const verdict = this.verdicts.get(client);
    this.verdicts.delete(client);
    if (verdict?.kind === 'hello') {
      this.helloClients.set(client, monotonicMs());
      return;
    }
    if (verdict?.kind !== 'device') {
      client.close();
      return;
    }
    // The broker closes an older connection itself, except one that was closing already.
    const older = this.sessions.get(client.id);
    if (older !== undefined) {
      this.setPresent(older, false);
      older.client.close();
    }
    this.core.logins += 1;
    this.sessions.set(
      client.id,
      this.watch.session(client, verdict.deviceKey, this.core.newRate(), ticket?.socket),
    );
  }

  private closed(client: Client): void {
    this.helloClients.delete(client);
    const session = this.sessionOf(client);
    if (session === undefined) return;
    this.setPresent(session, false);
    this.watch.forget(session);
    this.sessions.delete(client.id);
  }

  /** Straight to the socket: a topic with one known reader needs no bus (see publish-frame.ts). */
  private send(session: GatewaySession, frame: Buffer): boolean {
    const { conn } = session.client;
    if (conn.destroyed || !conn.writable) return false;
    if (conn.writableLength > this.core.limits.maxQueuedBytes) {
      this.drop(session.client, 'mqtt-slow-subscriber');
      return false;
    }
    if (!conn.write(frame)) this.watch.stalled(session);
    return true;
  }

  /** Hello to all who stay subscribed, a few at a turn: assignments must not wait for ten thousand writes. */
  private announce(listeners: readonly GatewaySession[], from: number): void {
    if (from >= listeners.length) return;
    const bytes = this.helloBytes();
    const frames = { 4: publishFrame(4, this.hello, bytes), 5: publishFrame(5, this.hello, bytes) };
    const end = Math.min(listeners.length, from + ANNOUNCED_AT_ONCE);
    for (let i = from; i < end; i++) {
      const session = listeners[i]!;
      if (this.sessionOf(session.client) === session)
        this.send(session, frames[session.client.version === 5 ? 5 : 4]);
    }
    setImmediate(() => this.announce(listeners, end));
  }

  private authorizeSubscribe(
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, subscription?: Subscription | null) => void,
  ): void {
    const session = this.sessionOf(client);
    const { topic } = subscription;
    const leaf = session === undefined ? undefined : leafOf(this.prefix, client.id, topic);
    const known = session !== undefined || this.helloClients.has(client);
    if (known && (topic === this.hello || (leaf !== undefined && this.access.subscribe.has(leaf)))) {
      // QoS 0: an assignment has a deadline, and hello can be asked for again.
      const admitted = session === undefined || this.countControl(client);
      done(null, admitted ? { ...subscription, qos: 0 } : null);
      return;
    }
    this.count('mqtt-subscribe-refused', client, topic);
    if (session !== undefined) session.strikes += 1;
    const strikes = session?.strikes ?? Number.POSITIVE_INFINITY;
    if (strikes > this.core.limits.refusedSubscriptions) this.drop(client, 'mqtt-too-many-subscriptions');
    done(null, null);
  }

  private authorizePublish(
    client: Client | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void {
    const session = client === null ? undefined : this.sessionOf(client);
    const leaf = session === undefined ? undefined : leafOf(this.prefix, session.client.id, packet.topic);
    if (client === null || session === undefined || leaf === undefined || !this.access.publish.has(leaf)) {
      this.refusePublish(client, 'mqtt-publish-refused', done, packet.topic);
    } else if (packet.qos === 2) {
      this.refusePublish(client, 'mqtt-qos-refused', done);
    } else if (packet.retain) {
      this.refusePublish(client, 'mqtt-retain-refused', done);
    } else {
      const admitted = this.core.admitMessage(session.rate, client.id);
      if (admitted === 'close') {
        this.drop(client, undefined, REASON.rate);
      } else if (admitted === 'pass' && isDelivered(leaf, packet.payload as Buffer)) {
        this.core.deliver(leaf, client.id, packet.payload as Buffer);
      }
      done(null);
    }
  }

  /** MQTT 3.1.1 knows no refusal of a PUBLISH but to close the connection; MQTT 5 clients are told why. */
  private refusePublish(
    client: Client | null,
    code: string,
    done: (error: Error) => void,
    detail?: string,
  ): void {
    if (client !== null) {
      this.count(code, client, detail);
      this.drop(client, undefined, REASON_OF[code]);
    }
    done(new Refusal(code));
  }

  private subscribed(subscriptions: readonly Subscription[], client: Client): void {
    const session = this.sessionOf(client);
    if (session === undefined) return;
    const assign = deviceTopic(this.prefix, client.id, 'assign');
    for (const { topic, qos } of subscriptions) {
      if ((qos as number) >= 0x80) continue;
      if (topic === assign) this.setPresent(session, true);
      else if (topic === this.hello) session.hears = true;
    }
  }

  private unsubscribed(topics: readonly string[], client: Client): void {
    const session = this.sessionOf(client);
    if (session === undefined) return;
    this.countControl(client);
    if (topics.includes(deviceTopic(this.prefix, client.id, 'assign'))) this.setPresent(session, false);
    if (topics.includes(this.hello)) session.hears = false;
  }

  private setPresent(session: GatewaySession, present: boolean): void {
    if (session.present === present) return;
    session.present = present;
    this.present += present ? 1 : -1;
    this.core.presence(session.client.id, present ? 'up' : 'down');
  }

  /** Pings and subscriptions count as messages: a flood of them is a flood. False: over the rate. */
  private countControl(client: Client): boolean {
    const session = this.sessionOf(client);
    if (session === undefined) return false;
    const admitted = this.core.admitMessage(session.rate, client.id);
    if (admitted === 'close') this.drop(client, undefined, REASON.rate);
    return admitted === 'pass';
  }

  private sessionOf(client: Client): GatewaySession | undefined {
    const session = this.sessions.get(client.id);
    return session?.client === client ? session : undefined;
  }

  private failed(client: Client, error: Error & { code?: string; maximumPacketSize?: number }): void {
    // Codes of Node (ECONNRESET and its like) are the network's, not the client's.
    if (error instanceof Refusal || error.code !== undefined || client.conn === undefined) return;
    if (error.maximumPacketSize !== undefined) this.count('mqtt-packet-too-large', client);
    // The broker gives this error no code of its own.
    else if (error.message === 'drain timeout') this.count('mqtt-slow-subscriber', client);
    else if (error.message !== 'keep alive timeout') this.count('mqtt-protocol-error', client, error.message);
  }

  private count(code: string, client: Client, detail?: string): void {
    const address = this.tickets.get(client.conn)?.address;
    this.core.incidents.add({
      code,
      ...(this.sessions.has(client.id) ? { device: client.id } : {}),
      ...(address === undefined ? {} : { address }),
      ...(detail === undefined ? {} : { detail: detail.slice(0, 128) }),
    });
  }

  private drop(client: Client, code?: string, reasonCode?: number): void {
    if (client.closed) return;
    if (code !== undefined) this.count(code, client);
    const session = this.sessionOf(client);
    if (session !== undefined) this.setPresent(session, false);
    // A client that doesn't read would never take the farewell.
    if (code === 'mqtt-slow-subscriber') client.close();
    else client.disconnect({ reasonCode: reasonCode ?? REASON_OF[code ?? ''] ?? REASON.administrative });
  }
}

const REASON_OF: Readonly<Record<string, number>> = {
  'mqtt-publish-refused': REASON.notAuthorized,
  'mqtt-too-many-subscriptions': REASON.quota,
  'mqtt-right-revoked': REASON.notAuthorized,
  'mqtt-retain-refused': REASON.retain,
  'mqtt-qos-refused': REASON.qos,
  'mqtt-rate-exceeded': REASON.rate,
};
