/** The broker's questions whether a client may publish or subscribe, answered from the access list. */
import { leafOf } from '@iotw/protocol/device-topics';
import type { Client, PublishPacket, Subscription } from 'aedes';
import type { DeviceAccess } from './access.js';
import { type GatewaySessions, Refusal } from './gateway-sessions.js';
import type { GatewaySession } from './session-watch.js';
import { isDelivered, type TransportCore } from './transport-core.js';

export class GatewayAccess {
  constructor(
    private readonly core: TransportCore,
    private readonly sessions: GatewaySessions,
    private readonly prefix: string,
    private readonly hello: string,
    private readonly access: DeviceAccess,
  ) {}

  /** Grants the listed own topics and hello; a refusal is an answer (SUBACK 0x80), too many end the session. */
  subscribe(
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, subscription?: Subscription | null) => void,
  ): void {
    const session = this.sessions.of(client);
    const { topic } = subscription;
    const leaf = session === undefined ? undefined : leafOf(this.prefix, client.id, topic);
    const known = session !== undefined || this.sessions.readsHello(client);
    if (known && (topic === this.hello || (leaf !== undefined && this.access.subscribe.has(leaf)))) {
      // QoS 0: an assignment has a deadline, and hello can be asked for again.
      const admitted = session === undefined || this.sessions.countControl(client);
      done(null, admitted ? { ...subscription, qos: 0 } : null);
      return;
    }
    this.sessions.count('mqtt-subscribe-refused', client, topic);
    if (session !== undefined) session.strikes += 1;
    const strikes = session?.strikes ?? Number.POSITIVE_INFINITY;
    if (strikes > this.core.limits.refusedSubscriptions && !client.closed) {
      this.sessions.count('mqtt-too-many-subscriptions', client);
      this.sessions.drop(client, 'mqtt-too-many-subscriptions');
    }
    done(null, null);
  }

  /** Takes a device's message in; what is refused ends the connection. Nothing is ever forwarded by the broker. */
  publish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const session = client === null ? undefined : this.sessions.of(client);
    const leaf = session === undefined ? undefined : leafOf(this.prefix, session.client.id, packet.topic);
    if (client === null || session === undefined || leaf === undefined || !this.access.publish.has(leaf)) {
      this.refuse(client, 'mqtt-publish-refused', done, packet.topic);
    } else if (packet.qos === 2) {
      this.refuse(client, 'mqtt-qos-refused', done);
    } else if (packet.retain) {
      this.refuse(client, 'mqtt-retain-refused', done);
    } else {
      this.admit(session, leaf, packet.payload as Buffer);
      done(null);
    }
  }

  /** A message that came the short way (see direct-messages). False, and nothing was done: not one that this way takes. */
  take(client: Client, topic: string, payload: Buffer): boolean {
    const session = this.sessions.of(client);
    const leaf = session === undefined ? undefined : leafOf(this.prefix, client.id, topic);
    if (session === undefined || leaf === undefined || !this.access.publish.has(leaf)) return false;
    this.admit(session, leaf, payload);
    return true;
  }

  private admit(session: GatewaySession, leaf: string, payload: Buffer): void {
    const { client } = session;
    const admitted = this.core.admitMessage(session.rate, client.id);
    if (admitted === 'close') this.sessions.drop(client, 'mqtt-rate-exceeded');
    else if (admitted === 'pass' && isDelivered(leaf, payload)) this.core.deliver(leaf, client.id, payload);
  }

  /** MQTT 3.1.1 knows no refusal of a PUBLISH but to close the connection; MQTT 5 clients are told why. */
  private refuse(client: Client | null, code: string, done: (error: Error) => void, detail?: string): void {
    if (client !== null) {
      this.sessions.count(code, client, detail);
      this.sessions.drop(client, code);
    }
    done(new Refusal(code));
  }
}
