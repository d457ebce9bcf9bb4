/**
 * The same device protocol against an external MQTT broker (mosquitto or any MQTT 3.1.1 broker): the trust
 * node is one more client of it. The broker keeps devices to their topics (docs/operate/external-broker.md),
 * but this side trusts it with nothing of consequence: a device counts as present only while it has put
 * a login token of the current epochs on its `status` topic, results and transactions carry the device's
 * signature, and messages of anybody not present are dropped unread.
 */
import { randomBytes } from 'node:crypto';
import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { deviceTopic, helloTopic, networkPrefix, parseDeviceTopic } from '@iotw/protocol/device-topics';
import { encodeDeviceNumber } from '@iotw/protocol/device-wire';
import { hostMoveMessage } from '@iotw/protocol/hello';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type {
  DeviceTransport,
  MessageHandler,
  PresenceHandler,
  TransportOptions,
  TransportPorts,
  TransportStats,
} from './device-transport.js';
import { checkLogin, type LoginContext } from './login-token.js';
import { TokenBucket } from './token-bucket.js';
import {
  type DeviceRate,
  isDelivered,
  monotonicMs,
  TransportCore,
  transportHello,
} from './transport-core.js';

export interface ExternalBrokerOptions extends TransportOptions {
  /** `mqtt://host:port`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string;
  /** The service credential: may read every device's topics and write `assign` and `hello`. */
  readonly username?: string;
  readonly password?: string;
  /** PEM of the authority that signed the broker's certificate; default: the system's. */
  readonly ca?: string;
  /** How long `start` waits for the broker; default 5000. */
  readonly connectTimeoutMs?: number;
}

/** Bytes waiting for the broker above which assignments are not sent but refused, so that the next rank is asked. */
const MAX_WAITING_BYTES = 4_194_304;
const RECONNECT_MS = 1000;

interface PresentDevice {
  readonly key: Uint8Array;
  readonly rate: DeviceRate;
  /** Epoch of the newest token seen. */
  epoch: number;
}

export class ExternalBroker implements DeviceTransport {
  private readonly core: TransportCore;
  private readonly prefix: string;
  private readonly login: LoginContext;
  private readonly devices = new Map<string, PresentDevice>();
  /** Bounds the signature checks that strangers on the broker can cause. */
  private readonly logins: TokenBucket;
  private helloSession = '';
  private client: MqttClient | undefined;

  constructor(private readonly options: ExternalBrokerOptions) {
    this.core = new TransportCore(options);
    this.prefix = networkPrefix(options.network);
    this.login = {
      network: options.network,
      trustNode: options.trustNode,
      get epoch() {
        return options.epoch();
      },
      authorize: options.authorize,
    };
    const { limits } = this.core;
    this.logins = new TokenBucket(limits.acceptPerSecond * 10, limits.acceptBurst * 10, monotonicMs());
  }

  start(): Promise<Result<TransportPorts>> {
    const { url, username, password, ca } = this.options;
    const options: IClientOptions = {
      clientId: `iotw-trust-${this.options.trustNode}-${randomBytes(4).toString('hex')}`,
      clean: true,
      protocolVersion: 4,
      reconnectPeriod: RECONNECT_MS,
      queueQoSZero: false,
      resubscribe: false,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(ca === undefined ? {} : { ca }),
    };
    const client = connect(url, options);
    this.client = client;
    client.on('message', (topic, payload, packet) => this.receive(topic, payload, packet));
    client.on('close', () => this.lost());
    return new Promise((done) => {
      let reason = 'no answer';
      const unreachable = () => {
        clearTimeout(timer);
        client.end(true);
        const message = `The MQTT broker of this trust node did not take the connection (${reason}); check address and credential.`;
        done(fail('mqtt-broker-unreachable', message, { reason }));
      };
      const timer = setTimeout(unreachable, this.options.connectTimeoutMs ?? 5000);
      client.on('error', (error) => {
        reason = error.message;
      });
      client.on('connect', () => {
        this.enter(client).then(
          (granted) => {
            if (!granted) {
              reason = 'the broker refused the subscriptions of the service credential';
              unreachable();
              return;
            }
            clearTimeout(timer);
            done(ok({}));
          },
          // The connection broke off meanwhile; the client tries again.
          () => {},
        );
      });
    });
  }

  assign(deviceKeyHex: string, bytes: Uint8Array): boolean {
    const { client } = this;
    if (client?.connected !== true || !this.devices.has(deviceKeyHex)) return false;
    if (client.stream.writableLength > MAX_WAITING_BYTES) {
      this.core.incidents.add({ code: 'mqtt-broker-slow', device: deviceKeyHex });
      return false;
    }
    this.core.failpoints?.hit('mqtt-assign');
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    client.publish(deviceTopic(this.prefix, deviceKeyHex, 'assign'), payload, { qos: 0 });
    this.core.assignments += 1;
    return true;
  }

  connected(deviceKeyHex: string): boolean {
    return this.devices.has(deviceKeyHex);
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
    const oldest = this.options.epoch() - 1;
    for (const [device, { key, epoch }] of this.devices) {
      if (!this.options.authorize(key).ok) this.leave(device, 'mqtt-right-revoked');
      else if (epoch < oldest) this.leave(device, 'mqtt-status-expired');
      else this.tellHost(device);
    }
    if (this.client?.connected === true) this.sayHello(this.client);
  }

  refused(deviceKeyHex: string, code: string): void {
    this.core.incidents.add({ code, device: deviceKeyHex });
  }

  stats(): TransportStats {
    const { core } = this;
    return {
      sessions: this.devices.size,
      present: this.devices.size,
      pending: 0,
      logins: core.logins,
      assignments: core.assignments,
      results: core.results,
      transactions: core.transactions,
      telemetry: core.telemetry,
      incidents: core.incidents.toRecord(),
    };
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    for (const device of [...this.devices.keys()]) this.leave(device);
    await client?.endAsync(true);
  }

  /** Subscribes and says hello with a new session, at which the devices announce themselves. */
  private async enter(client: MqttClient): Promise<boolean> {
    const leaves = ['result', 'telemetry', 'tx', 'status'];
    const granted = await client.subscribeAsync(
      leaves.map((leaf) => `${this.prefix}+/${leaf}`),
      { qos: 0 },
    );
    this.helloSession = randomBytes(8).toString('hex');
    this.sayHello(client);
    return granted.length === leaves.length && granted.every(({ qos }) => qos < 0x80);
  }

  private sayHello(client: MqttClient): void {
    const hello = transportHello(this.options, this.helloSession, true);
    client.publish(helloTopic(this.prefix), Buffer.from(hello), { qos: 1, retain: true }, () => {});
  }

  private receive(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const from = parseDeviceTopic(this.prefix, topic);
    if (from === undefined) return;
    const { deviceKeyHex, leaf } = from;
    if (payload.length > this.core.limits.maxPacketBytes) {
      this.core.incidents.add({ code: 'mqtt-packet-too-large', device: deviceKeyHex });
      return;
    }
    // A retained message may be older than any right: presence is announced live.
    if (packet.retain) {
      this.core.incidents.add({ code: 'mqtt-retain-refused', device: deviceKeyHex });
      return;
    }
    const device = this.devices.get(deviceKeyHex);
    if (device !== undefined) {
      const admitted = this.core.admitMessage(device.rate, deviceKeyHex);
      if (admitted === 'close') this.leave(deviceKeyHex);
      if (admitted !== 'pass') return;
    }
    if (leaf === 'status' && !isTicket(payload)) this.announce(deviceKeyHex, device, payload);
    else if (device === undefined)
      this.core.incidents.add({ code: 'mqtt-publish-refused', device: deviceKeyHex });
    else if (isDelivered(leaf, payload)) this.core.deliver(leaf, deviceKeyHex, payload);
  }

  private announce(deviceKeyHex: string, device: PresentDevice | undefined, payload: Buffer): void {
    // Nothing, or the offline note: the device's will.
    if (payload.length === 0 || (payload.length === 1 && payload[0] === 0)) {
      if (device !== undefined) this.leave(deviceKeyHex);
      return;
    }
    const key = device?.key ?? fromHex(deviceKeyHex, 32);
    if (key === undefined) return;
    if (!this.logins.take(monotonicMs())) {
      this.core.incidents.add({ code: 'mqtt-accept-rate', device: deviceKeyHex });
      return;
    }
    const login = checkLogin(this.login, key, payload);
    if (!login.ok) {
      this.core.incidents.add({ code: login.error.code, device: deviceKeyHex });
      return;
    }
    if (device !== undefined) {
      device.epoch = Math.max(device.epoch, login.value.epoch);
      return;
    }
    if (this.devices.size >= this.core.limits.maxSessions) {
      this.core.incidents.add({ code: 'mqtt-sessions-full', device: deviceKeyHex });
      return;
    }
    this.core.logins += 1;
    this.devices.set(deviceKeyHex, { key, rate: this.core.newRate(), epoch: login.value.epoch });
    this.core.presence(deviceKeyHex, 'up');
    this.tellHost(deviceKeyHex);
    this.tellNumber(deviceKeyHex, key);
  }

  /** At its login, as the broker does not say who asked for it. */
  private tellNumber(deviceKeyHex: string, key: Uint8Array): void {
    const number = this.options.numberOf?.(key);
    if (number === undefined || this.client?.connected !== true) return;
    const topic = deviceTopic(this.prefix, deviceKeyHex, 'number');
    this.client.publish(topic, Buffer.from(encodeDeviceNumber(number)), { qos: 0 });
  }

  /** Tells a device where it belongs, if that is elsewhere. */
  private tellHost(deviceKeyHex: string): void {
    const move = this.options.moveOf?.(deviceKeyHex);
    if (move === undefined || this.client?.connected !== true) return;
    const topic = deviceTopic(this.prefix, deviceKeyHex, 'host');
    this.client.publish(topic, Buffer.from(hostMoveMessage(move)), { qos: 0 });
  }

  private leave(deviceKeyHex: string, code?: string): void {
    if (code !== undefined) this.core.incidents.add({ code, device: deviceKeyHex });
    this.devices.delete(deviceKeyHex);
    this.core.presence(deviceKeyHex, 'down');
  }

  private lost(): void {
    if (this.client === undefined) return;
    if (this.devices.size > 0) this.core.incidents.add({ code: 'mqtt-broker-lost' });
    for (const device of [...this.devices.keys()]) this.leave(device);
  }
}

/** On `status`: a presence ticket, 0x01 and 74 bytes, or an election ticket, 0x02 and 88. */
function isTicket(payload: Uint8Array): boolean {
  return (payload.length === 75 && payload[0] === 1) || (payload.length === 89 && payload[0] === 2);
}
