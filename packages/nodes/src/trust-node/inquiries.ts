import { BoundedMap } from '@iotw/kernel/bounded-map';
import { sign } from '@iotw/kernel/ed25519';
import type { Attestation } from '@iotw/protocol/attestation';
import { MISS_KIND, type Miss, type Silence, silenceDigest } from '@iotw/protocol/certificate';
import { type AnswerSlot, type PeerId, type PeerMessage, slotId, trustPeer } from '../messages.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';
import { fitsSlot } from './fit-assignment.js';

interface Inquiry {
  readonly slot: AnswerSlot;
  readonly host: number;
  readonly askedMs: number;
  /** What the host said, or that it said nothing; an answer takes the place of either other. */
  outcome: Attestation | Miss | undefined;
  silence: Silence | undefined;
}

type Relay = Extract<PeerMessage, { readonly kind: 'relay' }>;

/** Inquiries remembered at one time; the oldest go first, the lane asks again. */
const MAX_INQUIRIES = 4_096;

/**
 * The part of a trust node that asks other hosts on a lane's behalf (spec: clause 8.10). What the host says is
 * passed on; where it says nothing within its time, this witness signs that it was silent.
 */
export class Inquiries {
  readonly #context: TrustNodeContext;
  readonly #all = new BoundedMap<string, Inquiry>(MAX_INQUIRIES);
  /** Without an outcome or a statement, in the order asked. */
  readonly #open = new Map<string, Inquiry>();
  #signed = 0;

  constructor(context: TrustNodeContext) {
    this.#context = context;
  }

  /** Statements of silence signed since the start. */
  get signed(): number {
    return this.#signed;
  }

  /** A lane asks for the device at a rank of its block. Bytes that no honest device would answer ask nothing. */
  onRelay({ slot, host, key, assignment }: Relay, nowMs: number, effects: TrustNodeEffect[]): void {
    const { index, silentHosts } = this.#context;
    if (host === index || host === slot.lane) return;
    if (!fitsSlot(this.#context, slot, host, key, assignment)) return;
    const id = slotId(slot);
    let inquiry = this.#all.get(id);
    if (inquiry === undefined || inquiry.host !== host) {
      inquiry = { slot, host, askedMs: nowMs, outcome: undefined, silence: undefined };
      this.#all.set(id, inquiry);
      this.#open.set(id, inquiry);
      if (this.#open.size > MAX_INQUIRIES) this.#open.delete(this.#open.keys().next().value!);
    }
    if (inquiry.outcome !== undefined) {
      this.#passOn(inquiry, inquiry.outcome, effects);
      return;
    }
    silentHosts.asked(trustPeer(host), nowMs);
    // Asked every time, also of a silent host: its first word ends the silence.
    effects.push({
      kind: 'send',
      to: trustPeer(host),
      message: { kind: 'assign', slot, key, assignment },
    });
    if (inquiry.silence !== undefined) this.#send(inquiry.silence, effects);
    else if (silentHosts.overdue(trustPeer(host), inquiry.askedMs, nowMs)) this.#sign(id, inquiry, effects);
  }

  /** A host answered, or signed a miss, for a rank of another node's lane. */
  onHostSays(from: PeerId, said: Attestation | Miss, effects: TrustNodeEffect[]): void {
    const id = slotId(said);
    const inquiry = this.#all.get(id);
    if (inquiry === undefined || from !== trustPeer(inquiry.host) || said.device !== inquiry.slot.device)
      return;
    if (inquiry.outcome !== undefined && 'cited' in inquiry.outcome) return;
    if (!('cited' in said) && said.kind === MISS_KIND.soft) {
      // A word of the host, but not the last one: it still owes an answer or a miss.
      if (inquiry.outcome === undefined) this.#passOn(inquiry, said, effects);
      return;
    }
    inquiry.outcome = said;
    this.#open.delete(id);
    this.#passOn(inquiry, said, effects);
  }

  tick(nowMs: number, effects: TrustNodeEffect[]): void {
    const { silentHosts } = this.#context;
    for (const [id, inquiry] of this.#open) {
      if (silentHosts.overdue(trustPeer(inquiry.host), inquiry.askedMs, nowMs))
        this.#sign(id, inquiry, effects);
    }
  }

  nextDeadlineMs(): number | undefined {
    for (const { askedMs } of this.#open.values()) return askedMs + this.#context.silentHosts.limitMs;
    return undefined;
  }

  #sign(id: string, inquiry: Inquiry, effects: TrustNodeEffect[]): void {
    inquiry.silence = signSilence(this.#context, inquiry.slot, inquiry.host);
    this.#open.delete(id);
    this.#signed += 1;
    this.#send(inquiry.silence, effects);
  }

  #send(silence: Silence, effects: TrustNodeEffect[]): void {
    effects.push({ kind: 'send', to: trustPeer(silence.lane), message: { kind: 'silence', silence } });
  }

  #passOn({ slot }: Inquiry, said: Attestation | Miss, effects: TrustNodeEffect[]): void {
    const message =
      'cited' in said
        ? ({ kind: 'answer', attestation: said } as const)
        : ({ kind: 'miss', miss: said } as const);
    effects.push({ kind: 'send', to: trustPeer(slot.lane), message });
  }
}

/** This node's statement that the host gave it neither an answer nor a miss for the slot. */
export function signSilence(context: TrustNodeContext, slot: AnswerSlot, host: number): Silence {
  const { network, index, keys, checker } = context;
  const { lane, incarnation, height, attempt, rank, device } = slot;
  const content = { lane, incarnation, height, attempt, rank, device, host, witness: index };
  const digest = silenceDigest(network, content);
  const signature = sign(digest, keys.secretKey);
  checker.markValid(signature, digest, keys.publicKey);
  return { ...content, signature };
}
