import { BoundedMap } from '@iotw/kernel/bounded-map';
import { equalBytes, fromHex, toHex } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { signingDigest } from '@iotw/kernel/signing';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import { type Miss, missDigest } from '@iotw/protocol/certificate';
import { DOMAIN } from '@iotw/protocol/domains';
import { HEADER_BYTES } from '@iotw/protocol/header';
import { type AnswerSlot, trustPeer } from '../messages.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';

interface Relay {
  readonly slot: AnswerSlot;
  readonly deviceHex: string;
  /** The header that the device was shown. */
  readonly header: Uint8Array;
  readonly askedMs: number;
  answer: Attestation | undefined;
  miss: Miss | undefined;
}

/** Counts of one host, for metrics and skip rates. */
export interface HostStats {
  relayed: number;
  answered: number;
  missed: number;
}

/** The part of a trust node that hosts devices: relays assignments, signs misses for the silent. */
export class Host {
  readonly stats: HostStats = { relayed: 0, answered: 0, missed: 0 };
  readonly #context: TrustNodeContext;
  readonly #present = new Set<string>();
  readonly #relays: BoundedMap<string, Relay>;
  /** Relays without an answer, in the order asked: the timeouts fall due in that order. */
  readonly #open = new Map<string, Relay>();

  constructor(context: TrustNodeContext) {
    this.#context = context;
    this.#relays = new BoundedMap(context.limits.hostSlots);
  }

  /** Devices with a session here. */
  get connected(): number {
    return this.#present.size;
  }

  deviceUp(deviceHex: string): void {
    this.#present.add(deviceHex);
  }

  deviceDown(deviceHex: string): void {
    this.#present.delete(deviceHex);
  }

  /** A lane asks a device of ours. A repeated question gets what is known. */
  onAssign(
    slot: AnswerSlot,
    key: Uint8Array,
    assignment: Uint8Array,
    nowMs: number,
    effects: TrustNodeEffect[],
  ): void {
    const id = relayId(slot);
    const known = this.#relays.get(id);
    if (known?.answer !== undefined) {
      effects.push({
        kind: 'send',
        to: trustPeer(slot.lane),
        message: { kind: 'answer', attestation: known.answer },
      });
      return;
    }
    if (known?.miss !== undefined) {
      effects.push({ kind: 'send', to: trustPeer(slot.lane), message: { kind: 'miss', miss: known.miss } });
      return;
    }
    const deviceHex = toHex(key);
    const relay = known ?? {
      slot,
      deviceHex,
      header: assignment.slice(0, HEADER_BYTES),
      askedMs: nowMs,
      answer: undefined,
      miss: undefined,
    };
    if (known === undefined) {
      this.#relays.set(id, relay);
      this.stats.relayed += 1;
    }
    if (!this.#present.has(deviceHex)) {
      this.#signMiss(id, relay, effects);
      return;
    }
    this.#open.set(id, relay);
    effects.push({ kind: 'deliver', device: deviceHex, assignment });
  }

  /**
   * A device of ours answered. What the lane could not use (another number, a bad signature, a header it
   * was not shown) is no answer: it must not end the wait, or nobody would ever sign a miss for the rank
   * and the block would hang on it. A false hash is passed on: it convicts the device.
   */
  onAttestation(deviceHex: string, attestation: Attestation, effects: TrustNodeEffect[]): void {
    const id = relayId(attestation);
    const relay = this.#relays.get(id);
    if (relay === undefined || relay.deviceHex !== deviceHex || relay.answer !== undefined) return;
    if (!this.#isAnswer(relay, attestation)) return;
    relay.answer = attestation;
    this.#open.delete(id);
    this.stats.answered += 1;
    effects.push({ kind: 'send', to: trustPeer(attestation.lane), message: { kind: 'answer', attestation } });
  }

  #isAnswer(relay: Relay, attestation: Attestation): boolean {
    const { network, checker } = this.#context;
    if (attestation.device !== relay.slot.device) return false;
    if (!equalBytes(attestation.cited, signingDigest(DOMAIN.block, network, relay.header))) return false;
    const key = fromHex(relay.deviceHex, 32);
    const digest = attestationDigest(network, attestation);
    return key !== undefined && checker.verify(attestation.signature, digest, key);
  }

  tick(nowMs: number, effects: TrustNodeEffect[]): void {
    for (const [id, relay] of this.#open) {
      if (nowMs - relay.askedMs < this.#context.view.parameters.answerTimeoutMs) return;
      this.#signMiss(id, relay, effects);
    }
  }

  #signMiss(id: string, relay: Relay, effects: TrustNodeEffect[]): void {
    const { network, keys, index, checker } = this.#context;
    const content = { ...relay.slot, host: index };
    const digest = missDigest(network, content);
    const signature = sign(digest, keys.secretKey);
    checker.markValid(signature, digest, keys.publicKey);
    relay.miss = { ...content, signature };
    this.#open.delete(id);
    this.stats.missed += 1;
    effects.push({
      kind: 'send',
      to: trustPeer(relay.slot.lane),
      message: { kind: 'miss', miss: relay.miss },
    });
  }

  nextDeadlineMs(): number | undefined {
    for (const relay of this.#open.values())
      return relay.askedMs + this.#context.view.parameters.answerTimeoutMs;
    return undefined;
  }
}

function relayId(slot: AnswerSlot): string {
  return `${slot.lane}/${slot.incarnation}/${slot.height}/${slot.attempt}/${slot.rank}`;
}
