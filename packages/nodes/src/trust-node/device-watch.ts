import { BoundedMap } from '@iotw/kernel/bounded-map';
import { equalBytes } from '@iotw/kernel/bytes';
import {
  ATTESTATION_BYTES,
  ATTESTATION_CONTENT_BYTES,
  type Attestation,
  attestationDigest,
  decodeAttestation,
  writeAttestation,
} from '@iotw/protocol/attestation';
import { EVIDENCE_KIND, type Evidence } from '@iotw/protocol/operations';
import { poolEntry } from '@iotw/protocol/pool';
import type { RoundNotice } from '../messages.js';
import { AnswerMemory } from './answer-memory.js';
import type { TrustNodeContext } from './context.js';

/** So many answers of devices are kept for certain, and twice as many at most, 200 bytes each: 13 MB. */
const KEPT_ANSWERS = 32_768;
/** Acts that were proven from here; more of the same would only cost fees. */
const KEPT_ACTS = 1_024;
/** Proofs that wait for their turn. */
const MAX_WAITING = 64;

/** An answer as bytes, while it is compared. */
const encoded = new Uint8Array(ATTESTATION_BYTES);

interface Waiting {
  readonly device: number;
  readonly evidence: Evidence;
  readonly dueMs: number;
}

/**
 * Watches what devices sign (spec: clause 8.5): answers to the node's own lane, those it asked its devices for, those it
 * fetched for others, and all that certificates in rounds hold. Of two that bear one number and differ it
 * makes evidence. All trust nodes may see the same: each waits its turn, and sends nothing where the ledger
 * has removed the device by then. No I/O; forgets on a restart, and what is older than its memory.
 */
export class DeviceWatch {
  readonly #context: TrustNodeContext;
  readonly #answers = new AnswerMemory(KEPT_ANSWERS);
  readonly #acts = new BoundedMap<string, true>(KEPT_ACTS);
  #waiting: Waiting[] = [];

  constructor(context: TrustNodeContext) {
    this.#context = context;
  }

  /** A device or a host said it to this node. What the device did not sign is not kept. */
  onAnswer(attestation: Attestation, nowMs: number): void {
    if (!this.#signed(attestation)) return;
    writeAttestation(encoded, 0, attestation);
    this.#compare(encoded, nowMs);
  }

  /** A round was applied: what its certificates hold, and whom it removed. */
  onNotice(notice: RoundNotice, nowMs: number): void {
    // Checked by the ledger servers; the signatures are looked at where two contradict.
    for (const { answers } of notice.blocks)
      for (let at = 0; at < answers.length; at += ATTESTATION_BYTES)
        this.#compare(answers.subarray(at, at + ATTESTATION_BYTES), nowMs);
    if (notice.removed.length > 0)
      this.#waiting = this.#waiting.filter(({ device }) => !notice.removed.includes(device));
  }

  /** Evidence whose turn has come. */
  due(nowMs: number): Evidence[] {
    if (this.#waiting.length === 0) return [];
    const due = this.#waiting.filter(({ dueMs }) => dueMs <= nowMs);
    if (due.length > 0) this.#waiting = this.#waiting.filter(({ dueMs }) => dueMs > nowMs);
    return due.map(({ evidence }) => evidence);
  }

  nextDeadlineMs(): number | undefined {
    let next: number | undefined;
    for (const { dueMs } of this.#waiting) if (next === undefined || dueMs < next) next = dueMs;
    return next;
  }

  /** `bytes` are copied where they are kept. */
  #compare(bytes: Uint8Array, nowMs: number): void {
    const known = this.#answers.get(bytes);
    if (known === undefined) {
      this.#answers.set(bytes);
      return;
    }
    if (sameContent(known, bytes)) return;
    const number = numberOf(bytes);
    if (this.#acts.has(number)) return;
    const before = decodeAttestation(known);
    const now = decodeAttestation(bytes);
    if (!now.ok || !this.#signed(now.value)) return;
    if (!before.ok || !this.#signed(before.value)) {
      this.#answers.set(bytes);
      return;
    }
    this.#acts.set(number, true);
    if (this.#waiting.length >= MAX_WAITING) return;
    const { device } = now.value;
    const evidence = { kind: EVIDENCE_KIND.deviceEquivocation, first: known.slice(), second: bytes.slice() };
    this.#waiting.push({ device, evidence, dueMs: nowMs + this.#turn(device) });
  }

  /** Trust nodes take turns by the device's number, so that one of them pays the fee; the next follows where it does not. */
  #turn(device: number): number {
    const { index, view, limits } = this.#context;
    const nodes = Math.max(1, view.trustKeys.length);
    return ((index + nodes - (device % nodes)) % nodes) * 4 * limits.resendMs;
  }

  #signed(attestation: Attestation): boolean {
    const { network, checker } = this.#context;
    const key = this.#keyOf(attestation.device);
    if (key === undefined) return false;
    return checker.verify(attestation.signature, attestationDigest(network, attestation), key);
  }

  /** Whoever is asked is in a pool that blocks may name. */
  #keyOf(device: number): Uint8Array | undefined {
    const { view } = this.#context;
    for (const epoch of [view.epoch, view.epoch - 1, view.epoch - 2]) {
      const snapshot = view.snapshot(epoch);
      const entry = snapshot === undefined ? undefined : poolEntry(snapshot, device);
      if (entry !== undefined) return entry.key;
    }
    return undefined;
  }
}

/** Device, boot and counter of an encoded attestation: its number, which never repeats. */
function numberOf(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return `${view.getUint32(81, true)}/${view.getUint32(85, true)}/${view.getUint32(89, true)}`;
}

function sameContent(a: Uint8Array, b: Uint8Array): boolean {
  return equalBytes(a.subarray(0, ATTESTATION_CONTENT_BYTES), b.subarray(0, ATTESTATION_CONTENT_BYTES));
}
