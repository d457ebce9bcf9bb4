import { type KeyPair, keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import type { Prng } from '@iotw/kernel/prng';
import { trustPeer } from '@iotw/nodes/messages';
import { encodeBody } from '@iotw/protocol/body';
import { possessionDigest, presenceDigest, registerDigest } from '@iotw/protocol/digests';
import { DEVICE_CLASS, type Operation } from '@iotw/protocol/operations';
import { signTransaction } from '@iotw/protocol/transaction';
import type { World } from '../world/world.js';
import { START_MS } from '../world/world-genesis.js';
import { type Adversary, NOBODY } from './adversary.js';

/** Registrations a farm sends at a time, and how often. */
const BATCH = 8;
const EVERY_MS = 300;

/**
 * A farm that has got a maker's batch key: it registers keys up to the batch's quota and beyond, and has them
 * sign presence tickets. None of them is a device: whatever elects them gets no answer.
 */
export class SybilFarm implements Adversary {
  readonly name = 'sybil-farm';
  readonly held = NOBODY;
  readonly #world: World;
  readonly #maker: number;
  readonly #fromMs: number;
  readonly #prng: Prng;
  readonly #keys: KeyPair[] = [];
  #sequence = 0;
  #healed = false;

  constructor(world: World, maker: number, fromMs: number) {
    this.#world = world;
    this.#maker = maker;
    this.#fromMs = fromMs;
    this.#prng = world.prng.fork(`adversary ${this.name}`);
  }

  start(): void {
    const next = (): void => {
      if (this.#healed) return;
      this.#register();
      this.#attend();
      this.#world.events.after(EVERY_MS, next);
    };
    this.#world.events.after(this.#fromMs, next);
  }

  #register(): void {
    const { id, keys, genesis } = this.#world;
    const batchKeys = keys.makers[this.#maker]!;
    const operations = Array.from({ length: BATCH }, (): Operation => {
      const device = keyPairFromSeed(this.#prng.bytes(32));
      this.#keys.push(device);
      const content = {
        key: device.publicKey,
        maker: this.#maker,
        batch: 0,
        region: this.#prng.below(genesis.regions.length),
        deviceClass: DEVICE_CLASS.appliance,
      };
      return {
        type: 'deviceRegister',
        ...content,
        batchSignature: sign(registerDigest(id, content), batchKeys.secretKey),
        deviceSignature: sign(possessionDigest(id, content), device.secretKey),
      };
    });
    // One by one, so that the quota refuses the rest and not all.
    for (const operation of operations) this.#submit([operation]);
  }

  /** Tickets for numbers it may have been given: it knows the order in which it registered. */
  #attend(): void {
    const { id, genesis, nowMs } = this.#world;
    const epoch = Math.floor(nowMs / genesis.parameters.epochMs);
    const operations = this.#keys.slice(0, BATCH).map((keys, i): Operation => {
      const device = genesis.devices.length + i;
      const host = i % genesis.trustNodes.length;
      const signature = sign(presenceDigest(id, device, epoch, host), keys.secretKey);
      return { type: 'presence', device, epoch, host, signature };
    });
    if (operations.length > 0) this.#submit(operations);
  }

  #submit(operations: Operation[]): void {
    const { id, keys, nowMs, network, genesis, coverage } = this.#world;
    coverage.add(`attack ${this.name}`);
    const sender = keys.attackers[2]!;
    const expiryMs = START_MS + nowMs + 600_000;
    const sequence = ++this.#sequence;
    const content = { sender: sender.publicKey, sequence, expiryMs, operations, memo: new Uint8Array(0) };
    const { envelope } = signTransaction(id, content, sender);
    const to = trustPeer(this.#prng.below(genesis.trustNodes.length));
    network.send('client:farm', to, 'submit', encodeBody([envelope]).bytes);
  }

  healed(): void {
    this.#healed = true;
  }
}
