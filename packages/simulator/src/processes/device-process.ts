import { concatBytes } from '@iotw/kernel/bytes';
import type { Prng } from '@iotw/kernel/prng';
import { DeviceNode } from '@iotw/nodes/device/device-node';
import { trustPeer } from '@iotw/nodes/messages';
import { assignerKey, type Hello, type HelloAssigner, parseHello } from '@iotw/protocol/hello';
import { attestationIn } from '../adversaries/forgery.js';
import type { Endpoint } from '../world/faulty-network.js';
import type { World } from '../world/world.js';

/** First byte of what crosses between a device and its host: which MQTT topic it stands for. */
export const DEVICE_FRAME = { login: 0, hello: 1, assign: 2, result: 3, status: 4 } as const;
/** Byte of the frame's kind, u16 of the connection it crosses: nothing of an old connection reaches a new one. */
const FRAME_HEADER = 3;

export interface DeviceFrame {
  readonly kind: number;
  readonly connection: number;
  readonly content: Uint8Array;
}

/** What one MQTT message is to the simulated network. */
export function deviceFrame({ kind, connection, content }: DeviceFrame): Uint8Array {
  return concatBytes(Uint8Array.of(kind, connection & 0xff, connection >>> 8), content);
}

export function readDeviceFrame(bytes: Uint8Array): DeviceFrame {
  return {
    kind: bytes[0]!,
    connection: bytes[1]! | (bytes[2]! << 8),
    content: bytes.subarray(FRAME_HEADER),
  };
}

const LOGIN_RETRY_MS = 200;

/** How a device behaves; it may change during a run. */
export interface DeviceManners {
  /** Takes this long on top for an answer, ms. */
  slowMs: number;
  /** Does not answer assignments. */
  dead: boolean;
}

/** A device node with its boot counter on its own small disk. */
export class DeviceProcess implements Endpoint {
  readonly index: number;
  readonly name: string;
  readonly manners: DeviceManners = { slowMs: 0, dead: false };
  readonly #world: World;
  readonly #prng: Prng;
  readonly #host: number;
  #storedBoot = 0;
  #life = 0;
  #machine: DeviceNode | undefined;
  #laneKeys: readonly Uint8Array[] = [];
  #assigners: readonly HelloAssigner[] = [];
  #epoch: number | undefined;
  #connection = 0;

  constructor(world: World, index: number) {
    this.#world = world;
    this.index = index;
    this.name = `device:${index}`;
    this.#prng = world.prng.fork(this.name);
    this.#host = world.genesis.devices[index]!.host;
  }

  get running(): boolean {
    return this.#machine !== undefined;
  }

  start(): void {
    const { plant, id, keys, checker, network } = this.#world;
    const boot = (plant?.deviceBoot?.(this.#storedBoot) ?? this.#storedBoot) + 1;
    // Durable before the first signature of this boot.
    this.#storedBoot = boot;
    this.#machine = new DeviceNode({
      network: id,
      keys: keys.devices[this.index]!,
      boot,
      laneKey: (lane) => this.#laneKeys[lane],
      assignerKey: (role, index) => assignerKey(this.#assigners, role, index),
      verifyHeader: (signature, digest, key) => checker.verify(signature, digest, key),
    });
    network.attach(this.name, this);
    this.connect(1 + this.#prng.below(50));
  }

  powerLoss(): void {
    this.#life += 1;
    this.#machine = undefined;
    this.#epoch = undefined;
    this.#world.network.detach(this.name);
  }

  /** Its connection is gone, with all that was under way on it: it logs in on a new one until its host answers. */
  connect(delayMs: number): void {
    this.#connection += 1;
    this.#login(delayMs);
  }

  #login(delayMs: number): void {
    this.#epoch = undefined;
    const life = this.#life;
    const connection = this.#connection;
    this.#world.events.after(delayMs, () => {
      if (life !== this.#life || connection !== this.#connection || this.#epoch !== undefined) return;
      this.#send('login', this.#world.keys.devices[this.index]!.publicKey);
      this.#login(LOGIN_RETRY_MS);
    });
  }

  #send(topic: 'login' | 'result' | 'status', content: Uint8Array): void {
    const frame = deviceFrame({ kind: DEVICE_FRAME[topic], connection: this.#connection, content });
    this.#world.network.send(this.name, trustPeer(this.#host), topic, frame);
  }

  receive(_from: string, bytes: Uint8Array): void {
    const { kind, connection, content } = readDeviceFrame(bytes);
    if (connection !== this.#connection) return;
    if (kind === DEVICE_FRAME.hello) this.#onHello(content);
    else if (kind === DEVICE_FRAME.assign && !this.manners.dead) this.#onAssign(content);
  }

  #onHello(content: Uint8Array): void {
    const hello = parseHello(content);
    if (!hello.ok) return;
    this.#laneKeys = hello.value.laneKeys;
    this.#assigners = hello.value.assigners ?? [];
    const { epoch, tickets } = hello.value;
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    // One ticket an epoch; its bytes may be lost, so they go twice.
    const { epochMs } = this.#world.genesis.parameters;
    const offset = this.#prng.below(Math.floor(epochMs / 4));
    for (const delay of [offset, offset + Math.floor(epochMs / 4)]) this.#presence(epoch, tickets, delay);
  }

  #presence(epoch: number, tickets: Hello['tickets'], delayMs: number): void {
    const life = this.#life;
    this.#world.events.after(delayMs, () => {
      if (life !== this.#life || this.#epoch !== epoch || this.manners.dead) return;
      if (this.#world.captors.ofDevice(this.index)?.present?.(this.index, epoch) === false) return;
      this.#send('status', this.#machine!.presence(this.index, epoch, this.#host));
      if (tickets === undefined) return;
      const ticket = this.#machine!.ticket(this.index, epoch, tickets.seed, tickets.bits);
      if (ticket !== undefined) this.#send('status', ticket);
    });
  }

  #onAssign(assignment: Uint8Array): void {
    const life = this.#life;
    this.#world.events.after(1 + this.#prng.below(3) + this.manners.slowMs, () => {
      if (life !== this.#life) return;
      const machine = (bytes: Uint8Array): Uint8Array => this.#machine!.answer(bytes);
      const captor = this.#world.captors.ofDevice(this.index);
      const said =
        captor?.answers === undefined
          ? machine(assignment)
          : captor.answers({ device: this.index, assignment, machine });
      if (said === undefined) return;
      this.#world.invariants.attested(this.index, said);
      const answer = attestationIn(said);
      if (answer !== undefined) this.#world.watcher?.answered(answer);
      this.#send('result', said);
    });
  }
}
