import { BoundedMap } from '@iotw/kernel/bounded-map';
import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { signingDigest } from '@iotw/kernel/signing';
import {
  ATTESTATION_BYTES,
  type Attestation,
  attestationDigest,
  decodeAttestation,
  encodeAttestation,
} from '@iotw/protocol/attestation';
import { MISS_KIND, type Miss, missDigest } from '@iotw/protocol/certificate';
import { DOMAIN } from '@iotw/protocol/domains';
import { SIGNED_HEADER_BYTES } from '@iotw/protocol/evidence';
import { HEADER_BYTES } from '@iotw/protocol/header';
import type { Appeal } from '@iotw/protocol/operations';
import {
  type AnswerSlot,
  type PeerId,
  type PeerMessage,
  type RoundNotice,
  slotId,
  trustPeer,
} from '../messages.js';
import { AnswerTimes } from './answer-times.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';
import { fitsSlot } from './fit-assignment.js';

interface Relay {
  readonly slot: AnswerSlot;
  readonly deviceHex: string;
  readonly key: Uint8Array;
  /** The header that the device was shown, with the lane's signature. */
  readonly signedHeader: Uint8Array;
  /** All that it was shown, while that may have to justify a miss. */
  assignment: Uint8Array | undefined;
  readonly askedMs: number;
  /** Who is told what the device says: the lane, and trust nodes that asked for it. */
  readonly askers: Set<PeerId>;
  answer: Attestation | undefined;
  miss: Miss | undefined;
  /** An appeal for the answer was made. */
  appealed?: boolean;
  /** Signed at the hedge interval; the device is still waited for. */
  softMiss: Miss | undefined;
}

/** Answers in a row after which a device that let a question pass is trusted like any other. */
const FORGIVEN_AFTER = 4;

type Assign = Extract<PeerMessage, { readonly kind: 'assign' }>;

/** Counts of one host, for metrics and skip rates. */
export interface HostStats {
  relayed: number;
  answered: number;
  missed: number;
}

/** The part of a trust node that hosts devices: relays assignments, signs misses for the late and the silent. */
export class Host {
  readonly stats: HostStats = { relayed: 0, answered: 0, missed: 0 };
  readonly #context: TrustNodeContext;
  readonly #present = new Set<string>();
  readonly #relays: BoundedMap<string, Relay>;
  /** Relays without an answer, in the order asked: the timeouts fall due in that order. */
  readonly #open = new Map<string, Relay>();
  /** Those of them whose devices are not late yet. */
  readonly #early = new Map<string, Relay>();
  /** Without an answer, of devices that lately let a question pass: they are waited for as long as a hedge. */
  readonly #brief = new Map<string, Relay>();
  /** Devices with a session that let a question pass, and the answers they owe until that is forgotten. */
  readonly #silent = new Map<string, number>();
  readonly #answerTimes: AnswerTimes;

  constructor(context: TrustNodeContext) {
    this.#context = context;
    this.#relays = new BoundedMap(context.limits.hostSlots);
    this.#answerTimes = new AnswerTimes(context.limits.minHedgeMs);
  }

  /** Devices with a session here. */
  get connected(): number {
    return this.#present.size;
  }

  /** A device's session began or ended. */
  device(deviceHex: string, up: boolean): void {
    if (up) {
      this.#present.add(deviceHex);
      return;
    }
    this.#present.delete(deviceHex);
    this.#silent.delete(deviceHex);
  }

  /**
   * A lane asks a device of ours, itself or through another trust node. A repeated question gets what is known.
   * What another brings must be what the lane signed; from the lane itself the device looks at that.
   */
  onAssign(from: PeerId, { slot, key, assignment }: Assign, nowMs: number, effects: TrustNodeEffect[]): void {
    const { index } = this.#context;
    const direct = from === trustPeer(slot.lane);
    if (!direct && !fitsSlot(this.#context, slot, index, key, assignment)) return;
    const id = slotId(slot);
    const known = this.#relays.get(id);
    const deviceHex = toHex(key);
    // One device per slot: a second question under another key is not the first one.
    if (known !== undefined && known.deviceHex !== deviceHex) return;
    const relay: Relay = known ?? {
      slot,
      deviceHex,
      key,
      signedHeader: assignment.slice(0, SIGNED_HEADER_BYTES),
      assignment,
      askedMs: nowMs,
      askers: new Set(),
      answer: undefined,
      miss: undefined,
      softMiss: undefined,
    };
    relay.askers.add(from);
    if (relay.answer !== undefined || relay.miss !== undefined) {
      this.#tell(from, relay, effects);
      return;
    }
    relay.assignment ??= assignment;
    if (known === undefined) {
      this.#relays.set(id, relay);
      this.stats.relayed += 1;
    }
    if (!this.#present.has(deviceHex)) {
      this.#signMiss(id, relay, effects);
      return;
    }
    this.#tell(from, relay, effects);
    this.#await(id, relay);
    effects.push({ kind: 'deliver', device: deviceHex, assignment });
  }

  #await(id: string, relay: Relay): void {
    if (this.#open.has(id) || this.#brief.has(id)) return;
    if (this.#silent.has(relay.deviceHex)) {
      this.#brief.set(id, relay);
      return;
    }
    this.#open.set(id, relay);
    if (relay.softMiss === undefined) this.#early.set(id, relay);
  }

  /** The best there is to say: the answer, else a miss, else that there is no answer yet. */
  #tell(to: PeerId, relay: Relay, effects: TrustNodeEffect[]): void {
    const { answer, miss = relay.softMiss } = relay;
    if (answer !== undefined)
      effects.push({ kind: 'send', to, message: { kind: 'answer', attestation: answer } });
    else if (miss !== undefined) effects.push({ kind: 'send', to, message: { kind: 'miss', miss } });
  }

  /**
   * A device of ours answered. What the lane could not use (another number, a bad signature, a header it
   * was not shown) is no answer: it must not end the wait, or nobody would ever sign a miss for the rank
   * and the block would hang on it. A false hash is passed on: it convicts the device. True where it is the answer.
   */
  onAttestation(
    deviceHex: string,
    attestation: Attestation,
    nowMs: number,
    effects: TrustNodeEffect[],
  ): boolean {
    const id = slotId(attestation);
    const relay = this.#relays.get(id);
    if (relay === undefined || relay.deviceHex !== deviceHex || relay.answer !== undefined) return false;
    if (!this.#isAnswer(relay, attestation)) return false;
    relay.answer = attestation;
    relay.assignment = undefined;
    this.#closed(id);
    this.#forgive(deviceHex);
    this.#answerTimes.add(nowMs - relay.askedMs);
    this.stats.answered += 1;
    for (const to of relay.askers) this.#tell(to, relay, effects);
    return true;
  }

  #forgive(deviceHex: string): void {
    const owed = this.#silent.get(deviceHex);
    if (owed === undefined) return;
    if (owed > 1) this.#silent.set(deviceHex, owed - 1);
    else this.#silent.delete(deviceHex);
  }

  #isAnswer(relay: Relay, attestation: Attestation): boolean {
    const { network, checker } = this.#context;
    if (attestation.device !== relay.slot.device) return false;
    const header = relay.signedHeader.subarray(0, HEADER_BYTES);
    if (!equalBytes(attestation.cited, signingDigest(DOMAIN.block, network, header))) return false;
    return checker.verify(attestation.signature, attestationDigest(network, attestation), relay.key);
  }

  tick(nowMs: number, effects: TrustNodeEffect[]): void {
    for (const [queue, patienceMs] of this.#queues()) {
      for (const [id, relay] of queue) {
        if (nowMs - relay.askedMs < patienceMs) break;
        if (queue === this.#early) {
          this.#signSoftMiss(id, relay, effects);
          continue;
        }
        this.#signMiss(id, relay, effects);
        if (relay.miss !== undefined && this.#present.has(relay.deviceHex))
          this.#silent.set(relay.deviceHex, FORGIVEN_AFTER);
      }
    }
  }

  /**
   * How long each question waits. A device that is late for the first time costs a block no more than a hedge interval: it gets a
   * soft miss then, and a hard one when its time is over. One that lately was silent gets the hard one at once.
   */
  #queues(): readonly (readonly [Map<string, Relay>, number])[] {
    const { answerTimeoutMs } = this.#context.view.parameters;
    const hedge = this.#answerTimes.intervalMs(answerTimeoutMs);
    const brief = this.#answerTimes.known
      ? hedge
      : Math.min(answerTimeoutMs, 2 * this.#context.limits.minHedgeMs);
    return [
      [this.#open, answerTimeoutMs],
      [this.#brief, brief],
      [this.#early, hedge],
    ];
  }

  #closed(id: string): void {
    this.#early.delete(id);
    this.#open.delete(id);
    this.#brief.delete(id);
  }

  /** No loss for the device: another may take its place in this block. */
  #signSoftMiss(id: string, relay: Relay, effects: TrustNodeEffect[]): void {
    this.#early.delete(id);
    if (!this.#isFair(relay)) return;
    relay.softMiss = this.#missOf(relay, MISS_KIND.soft);
    for (const to of relay.askers) this.#tell(to, relay, effects);
  }

  /** For a question that an honest device of ours would have answered: no other silence is a miss. */
  #signMiss(id: string, relay: Relay, effects: TrustNodeEffect[]): void {
    const fair = this.#isFair(relay);
    relay.assignment = undefined;
    this.#closed(id);
    if (!fair) return;
    relay.miss = this.#missOf(relay, MISS_KIND.hard);
    this.stats.missed += 1;
    for (const to of relay.askers) this.#tell(to, relay, effects);
  }

  #isFair({ slot, key, assignment }: Relay): boolean {
    return assignment !== undefined && fitsSlot(this.#context, slot, this.#context.index, key, assignment);
  }

  #missOf({ slot }: Relay, kind: Miss['kind']): Miss {
    const { network, keys, index, checker } = this.#context;
    const content = { ...slot, host: index, kind };
    const digest = missDigest(network, content);
    const signature = sign(digest, keys.secretKey);
    checker.markValid(signature, digest, keys.publicKey);
    return { ...content, signature };
  }

  /**
   * A round was applied that removed devices: appeals (spec: clause 8.7.1) for those of ours that were right about
   * the header their lane signed for them, where a certificate of the round holds the very answer this host passed
   * on. Once for each answer; after a restart the host holds none.
   */
  appeals({ blocks, removed, reinstated }: RoundNotice): Appeal[] {
    const appeals: Appeal[] = [];
    if (removed.length === 0) return appeals;
    const out = new Set(removed);
    for (const device of reinstated) out.delete(device);
    for (const { answers } of blocks) {
      for (let at = 0; at < answers.length; at += ATTESTATION_BYTES) {
        const bytes = answers.slice(at, at + ATTESTATION_BYTES);
        const judged = decodeAttestation(bytes);
        if (!judged.ok || !out.has(judged.value.device)) continue;
        const relay = this.#relays.get(slotId(judged.value));
        if (relay === undefined || !this.#isJust(relay, bytes)) continue;
        relay.appealed = true;
        appeals.push({ attestation: bytes, header: relay.signedHeader });
      }
    }
    return appeals;
  }

  /** Whether the judged answer is the one this device gave, and it hashed what it cites and its lane signed. */
  #isJust({ answer, appealed, signedHeader, slot }: Relay, judged: Uint8Array): boolean {
    if (answer === undefined || appealed === true || !equalBytes(encodeAttestation(answer), judged))
      return false;
    const laneKey = this.#context.view.trustKeys[slot.lane];
    if (laneKey === undefined || !equalBytes(answer.hash, answer.cited)) return false;
    return this.#context.checker.verify(signedHeader.subarray(HEADER_BYTES), answer.cited, laneKey);
  }

  /** The node's key was rotated: misses under the old one are signed anew when they are asked for. */
  rekey(): void {
    for (const relay of this.#relays.values()) {
      relay.miss = undefined;
      relay.softMiss = undefined;
    }
  }

  nextDeadlineMs(): number | undefined {
    let next: number | undefined;
    for (const [queue, patienceMs] of this.#queues())
      for (const relay of queue.values()) {
        next = Math.min(next ?? Number.POSITIVE_INFINITY, relay.askedMs + patienceMs);
        break;
      }
    return next;
  }
}
