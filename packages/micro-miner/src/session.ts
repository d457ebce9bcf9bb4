/** The micro miner for Node and browsers: a device node over MQTT. */
import type { KeyPair } from '@iotw/kernel/ed25519';
import { ok, type Result } from '@iotw/kernel/result';
import { DeviceNode } from '@iotw/nodes/device/device-node';
import { assignerKey, type HelloAssigner } from '@iotw/protocol/hello';
import type { BootStore } from './boot-store.js';
import { DeviceSession, type MinerEvent } from './device-session.js';
import { HelloReader } from './hello-reader.js';
import type { Place } from './host-choice.js';
import { mqttConnector } from './mqtt-connection.js';

export interface MicroMinerOptions {
  readonly keys: KeyPair;
  /** Network id, 32 bytes: the one thing a device must be given; hello is believed only if it names the same. */
  readonly network: Uint8Array;
  readonly boot: BootStore;
  readonly connect: {
    /** `mqtt://`, `mqtts://`, `ws://` or `wss://`; browsers know the last two only. */
    readonly url: string;
    /** The trust node expected there; any of the network, if absent. */
    readonly trustNode?: number;
  };
  /** Lane keys by trust node where they are known beforehand; else those of hello are taken. */
  readonly laneKeys?: readonly Uint8Array[];
  /**
   * The device's number on the ledger, or a look-up (the API's device by key). Without it the trust node is asked at each login
   * (spec: clause 11.3).
   */
  readonly device?: number | (() => Promise<number | undefined>);
  readonly keepaliveSeconds?: number;
  readonly onEvent?: (event: MinerEvent) => void;
}

/** What a device can speak does not change with its host: a browser knows WebSocket only, TLS is not given up. */
function schemeOf(url: string): string {
  return url.slice(0, url.indexOf(':'));
}

/** @public One device. `start` raises the boot counter, then logs in and stays logged in until `stop`. */
export class MicroMiner {
  readonly #options: MicroMinerOptions;
  #session: DeviceSession | undefined;

  constructor(options: MicroMinerOptions) {
    this.#options = options;
  }

  /** Logged in and able to take assignments. */
  get online(): boolean {
    return this.#session?.online === true;
  }

  /** The device's number on the ledger, as far as known. */
  get device(): number | undefined {
    return this.#session?.device;
  }

  /**
   * Resolves when the boot number is durable and the first login is under way; connection failures
   * come as events and are tried again. Errors: `boot-store-locked`, `boot-store-failed`,
   * `boot-store-exhausted`. A second call while running does nothing.
   */
  async start(): Promise<Result<void>> {
    if (this.#session !== undefined) return ok(undefined);
    const {
      keys,
      network,
      connect,
      boot,
      laneKeys: pinned,
      device,
      keepaliveSeconds,
      onEvent,
    } = this.#options;
    const number = await boot.next();
    if (!number.ok) return number;
    const placeAt = (url: string, trustNode?: number): Place => {
      const connector = mqttConnector(url);
      const hello = new HelloReader({
        connector,
        network,
        ...(trustNode === undefined ? {} : { trustNode }),
        ...(pinned === undefined ? {} : { laneKeys: pinned }),
      });
      return { connector, hello };
    };
    let laneKeys: readonly Uint8Array[] = pinned ?? [];
    let assigners: readonly HelloAssigner[] = [];
    this.#session = new DeviceSession({
      network,
      deviceKey: keys.publicKey,
      node: new DeviceNode({
        network,
        keys,
        boot: number.value,
        laneKey: (lane) => laneKeys[lane],
        assignerKey: (role, index) => assignerKey(assigners, role, index),
      }),
      place: placeAt(connect.url, connect.trustNode),
      placeAt: ({ address, trustNode }) =>
        schemeOf(address) === schemeOf(connect.url) ? placeAt(address, trustNode) : undefined,
      onKeys: (keys, told) => {
        laneKeys = keys;
        assigners = told;
      },
      ...(device === undefined ? {} : { device }),
      ...(keepaliveSeconds === undefined ? {} : { keepaliveSeconds }),
      ...(onEvent === undefined ? {} : { onEvent }),
    });
    this.#session.start();
    return ok(undefined);
  }

  /** Logs out and gives the boot store back; `start` may be called again and begins a new boot. */
  async stop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.stop();
    await this.#options.boot.close();
  }
}
