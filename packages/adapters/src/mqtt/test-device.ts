/** Test support: devices that keep the protocol, on any MQTT client library's terms. */
import { toHex } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { deviceTopic, networkPrefix } from '@iotw/protocol/device-topics';
import { connectAsync, type MqttClient } from 'mqtt';
import { encodeLoginToken, loginDigest } from './login-token.js';

export interface TestKey extends KeyPair {
  readonly hex: string;
}

/** A device key from a small number. */
export function testKey(number: number): TestKey {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, number, true);
  const pair = keyPairFromSeed(seed);
  return { ...pair, hex: toHex(pair.publicKey) };
}

export function testToken(key: TestKey, network: Uint8Array, trustNode: number, epoch: number): Buffer {
  const signature = sign(loginDigest(network, key.publicKey, trustNode, epoch), key.secretKey);
  return Buffer.from(encodeLoginToken({ trustNode, epoch, signature }));
}

export interface TestDeviceOptions {
  readonly url: string;
  readonly key: TestKey;
  readonly network: Uint8Array;
  readonly trustNode: number;
  readonly epoch: number;
  readonly protocolVersion?: 4 | 5;
  /** Called for each assignment. */
  readonly onAssign?: (bytes: Uint8Array, device: TestDevice) => void;
}

/** Logs in, sets its will, subscribes, announces itself on `status` (which an external broker's trust node needs). */
export class TestDevice {
  private constructor(
    readonly mqtt: MqttClient,
    private readonly prefix: string,
    readonly hex: string,
  ) {}

  static async connect(options: TestDeviceOptions): Promise<TestDevice> {
    const { key, network } = options;
    const prefix = networkPrefix(network);
    const token = testToken(key, network, options.trustNode, options.epoch);
    const mqtt = await connectAsync(options.url, {
      clientId: key.hex,
      username: key.hex,
      password: token,
      protocolVersion: options.protocolVersion ?? 4,
      reconnectPeriod: 0,
      // The certificates of tests sign themselves.
      rejectUnauthorized: false,
      will: {
        topic: deviceTopic(prefix, key.hex, 'status'),
        payload: Buffer.alloc(0),
        qos: 0,
        retain: false,
      },
    });
    const device = new TestDevice(mqtt, prefix, key.hex);
    mqtt.on('error', () => {});
    mqtt.on('message', (_topic, payload) => options.onAssign?.(new Uint8Array(payload), device));
    await mqtt.subscribeAsync(deviceTopic(prefix, key.hex, 'assign'));
    await device.publish('status', token);
    return device;
  }

  async publish(
    leaf: 'result' | 'telemetry' | 'status' | 'tx',
    bytes: Uint8Array,
    qos: 0 | 1 = 0,
  ): Promise<void> {
    await this.mqtt.publishAsync(deviceTopic(this.prefix, this.hex, leaf), Buffer.from(bytes), { qos });
  }

  /** Leaves without a word, as a power cut would. */
  cut(): void {
    this.mqtt.stream.destroy();
  }

  async leave(): Promise<void> {
    await this.mqtt.endAsync(true);
  }
}
