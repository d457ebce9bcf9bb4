/** Who is logged in at the embedded broker: sessions, presence, hello readers, and how they end. */
import type { Duplex } from 'node:stream';
import { deviceTopic } from '@iotw/protocol/device-topics';
import type { Client, Subscription } from 'aedes';
import type { Ticket } from './accept-gate.js';
import type { ConnectVerdict } from './connect-policy.js';
import { type GatewaySession, SessionWatch } from './session-watch.js';
import { monotonicMs, type TransportCore } from './transport-core.js';

/** MQTT 5 reason codes of a server's DISCONNECT (section 3.14.2.1), by our code. */
const REASON: Readonly<Record<string, number>> = {
  'mqtt-publish-refused': 0x87,
  'mqtt-right-revoked': 0x87,
  'mqtt-rate-exceeded': 0x96,
  'mqtt-too-many-subscriptions': 0x97,
  'mqtt-retain-refused': 0x9a,
  'mqtt-qos-refused': 0x9b,
};
const ADMINISTRATIVE_ACTION = 0x98;

/** An error that was counted where it arose; the broker only passes it on. */
export class Refusal extends Error {}

export class GatewaySessions {
  readonly tickets = new WeakMap<Duplex, Ticket>();
  readonly watch: SessionWatch;
  private readonly byDevice = new Map<string, GatewaySession>();
  private readonly helloClients = new Map<Client, number>();
  private presentCount = 0;

  constructor(
    private readonly core: TransportCore,
    private readonly prefix: string,
    private readonly hello: string,
  ) {
    this.watch = new SessionWatch(core.limits, this.byDevice, this.helloClients, (client, code) => {
      this.count(code, client);
      this.drop(client, code);
    });
  }

  get size(): number {
    return this.byDevice.size;
  }
  get present(): number {
    return this.presentCount;
  }
  get helloReaders(): number {
    return this.helloClients.size;
  }

  get(deviceKeyHex: string): GatewaySession | undefined {
    return this.byDevice.get(deviceKeyHex);
  }

  all(): IterableIterator<GatewaySession> {
    return this.byDevice.values();
  }

  /** The session of this connection, unless a newer one took its place. */
  of(client: Client): GatewaySession | undefined {
    const session = this.byDevice.get(client.id);
    return session?.client === client ? session : undefined;
  }

  readsHello(client: Client): boolean {
    return this.helloClients.has(client);
  }

  /** The broker registered a client that passed `judgeConnect`. */
  opened(client: Client, verdict: ConnectVerdict | undefined): void {
    const ticket = this.tickets.get(client.conn);
    ticket?.release();
    if (verdict?.kind === 'hello') {
      this.helloClients.set(client, monotonicMs());
      return;
    }
    if (verdict?.kind !== 'device') {
      client.close();
      return;
    }
    // The broker closes an older connection itself, except one that was closing already.
    const older = this.byDevice.get(client.id);
    if (older !== undefined) {
      this.setPresent(older, false);
      older.client.close();
    }
    this.core.logins += 1;
    // The socket under TLS or WebSocket: what it counts is what came over the wire.
    const session = this.watch.session(client, verdict.deviceKey, this.core.newRate(), ticket?.socket);
    this.byDevice.set(client.id, session);
  }

  closed(client: Client): void {
    this.helloClients.delete(client);
    const session = this.of(client);
    if (session === undefined) return;
    this.setPresent(session, false);
    this.watch.forget(session);
    this.byDevice.delete(client.id);
  }

  subscribed(subscriptions: readonly Subscription[], client: Client): void {
    const session = this.of(client);
    if (session === undefined) return;
    const assign = deviceTopic(this.prefix, client.id, 'assign');
    const host = deviceTopic(this.prefix, client.id, 'host');
    for (const { topic, qos } of subscriptions) {
      if ((qos as number) >= 0x80) continue;
      if (topic === assign) this.setPresent(session, true);
      else if (topic === this.hello) session.hears = true;
      else if (topic === host) session.movable = true;
    }
  }

  unsubscribed(topics: readonly string[], client: Client): void {
    const session = this.of(client);
    if (session === undefined) return;
    this.countControl(client);
    if (topics.includes(deviceTopic(this.prefix, client.id, 'assign'))) this.setPresent(session, false);
    if (topics.includes(this.hello)) session.hears = false;
  }

  private setPresent(session: GatewaySession, present: boolean): void {
    if (session.present === present) return;
    session.present = present;
    this.presentCount += present ? 1 : -1;
    this.core.presence(session.client.id, present ? 'up' : 'down');
  }

  /** Pings and subscriptions count as messages: a flood of them is a flood. False: over the rate. */
  countControl(client: Client): boolean {
    const session = this.of(client);
    if (session === undefined) return false;
    const admitted = this.core.admitMessage(session.rate, client.id);
    if (admitted === 'close') this.drop(client, 'mqtt-rate-exceeded');
    return admitted === 'pass';
  }

  /** An error of the broker about one connection. */
  failed(client: Client, error: Error & { code?: string; maximumPacketSize?: number }): void {
    // Codes of Node (ECONNRESET and its like) are the network's, not the client's.
    if (error instanceof Refusal || error.code !== undefined || client.conn === undefined) return;
    if (error.maximumPacketSize !== undefined) this.count('mqtt-packet-too-large', client);
    // The broker gives this error no code of its own.
    else if (error.message === 'drain timeout') this.count('mqtt-slow-subscriber', client);
    else if (error.message !== 'keep alive timeout') this.count('mqtt-protocol-error', client, error.message);
  }

  /** Counts and logs an incident of this connection. */
  count(code: string, client: Client, detail?: string): void {
    const address = this.tickets.get(client.conn)?.address;
    this.core.incidents.add({
      code,
      ...(this.of(client) !== undefined ? { device: client.id } : {}),
      ...(address === undefined ? {} : { address }),
      ...(detail === undefined ? {} : { detail: detail.slice(0, 128) }),
    });
  }

  /** Disconnects; the code gives MQTT 5 clients their reason. Nothing is counted here. */
  drop(client: Client, code: string): void {
    if (client.closed) return;
    const session = this.of(client);
    if (session !== undefined) this.setPresent(session, false);
    // A client that doesn't read would never take the farewell.
    if (code === 'mqtt-slow-subscriber') client.close();
    else client.disconnect({ reasonCode: REASON[code] ?? ADMINISTRATIVE_ACTION });
  }
}
