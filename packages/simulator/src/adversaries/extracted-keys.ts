import { sign } from '@iotw/kernel/ed25519';
import { trustPeer } from '@iotw/nodes/messages';
import { encodeAttestation } from '@iotw/protocol/attestation';
import { encodeBody } from '@iotw/protocol/body';
import { claimDigest } from '@iotw/protocol/digests';
import { EVIDENCE_KIND, type Operation } from '@iotw/protocol/operations';
import { signTransaction } from '@iotw/protocol/transaction';
import type { World } from '../world/world.js';
import { START_MS } from '../world/world-genesis.js';
import type { Adversary, Asked, Held } from './adversary.js';
import { attestationIn, flipped, forgedAnswer } from './forgery.js';

/**
 * A thief with the keys of k devices read out of their chips: it claims those that nobody has claimed, and for
 * the others signs a second answer under a number they used, which gets them blacklisted.
 */
export class ExtractedKeys implements Adversary {
  readonly name = 'extracted-keys';
  readonly held: Held;
  readonly #world: World;
  readonly #fromMs: number;
  readonly #struck = new Set<number>();
  #sequence = 0;

  constructor(world: World, held: Held, fromMs: number) {
    this.held = held;
    this.#world = world;
    this.#fromMs = fromMs;
  }

  start(): void {
    this.#world.events.after(this.#fromMs, () => {
      const { genesis, keys, id } = this.#world;
      const thief = keys.attackers[1]!;
      for (const device of this.held.devices) {
        const { key, owner } = genesis.devices[device]!;
        if (owner.some((byte) => byte !== 0)) continue;
        const digest = claimDigest(id, key, thief.publicKey, 0);
        const deviceSignature = sign(digest, keys.devices[device]!.secretKey);
        this.#submit({ type: 'deviceClaim', device: key, deviceSignature });
      }
    });
  }

  answers({ device, assignment, machine }: Asked): Uint8Array {
    const answer = machine(assignment);
    const truth = attestationIn(answer);
    const claimed = this.#world.genesis.devices[device]!.owner.every((byte) => byte === 0);
    if (truth === undefined || claimed || this.#struck.has(device)) return answer;
    if (this.#world.nowMs < this.#fromMs) return answer;
    this.#struck.add(device);
    const other = attestationIn(forgedAnswer(this.#world, device, truth, { hash: flipped(truth.hash) }))!;
    this.#submit({
      type: 'evidence',
      kind: EVIDENCE_KIND.deviceEquivocation,
      first: encodeAttestation(truth),
      second: encodeAttestation(other),
    });
    return answer;
  }

  #submit(operation: Operation): void {
    const { id, keys, nowMs, network, genesis, coverage, events } = this.#world;
    coverage.add(`attack ${this.name}`);
    const sender = keys.attackers[1]!;
    const sequence = ++this.#sequence;
    const expiryMs = START_MS + nowMs + 600_000;
    const content = {
      sender: sender.publicKey,
      sequence,
      expiryMs,
      operations: [operation],
      memo: new Uint8Array(0),
    };
    const { envelope } = signTransaction(id, content, sender);
    // Through every entrance, twice: some of it gets through.
    for (const delay of [0, 400])
      events.after(delay, () => {
        for (let t = 0; t < genesis.trustNodes.length; t++)
          network.send('client:thief', trustPeer(t), 'submit', encodeBody([envelope]).bytes);
      });
  }
}
