import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { encodeAssignment } from '@iotw/protocol/assignment';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import { bodyCount } from '@iotw/protocol/body';
import {
  CERTIFICATE_MODE,
  type Miss,
  missDigest,
  trustThreshold,
  type Vote,
  voteDigest,
} from '@iotw/protocol/certificate';
import { MAX_INCOHERENT_ATTEMPTS } from '@iotw/protocol/limits';
import { laneResetDigest, RESET_REASON } from '@iotw/protocol/round';
import { decide, newSubmission } from '../intake/submission.js';
import { type ProposedBlock, type RoundNotice, trustPeer } from '../messages.js';
import { AnswerTimes } from './answer-times.js';
import type { Seat } from './attempt.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';
import { type InFlight, newAttempt, proposeBlock, takeBlock } from './in-flight.js';
import { LaneQueue } from './lane-queue.js';
import { dropRetired } from './rekey.js';

/** Told to a submitter whose transaction is on the ledger but whose result passed by: ask for the receipt. */
export const RESULT_MISSED = 0xff01;

/** A lane that is held back by positions it signed before a restart asks for a reset after this many resend times. */
const HELD_RESENDS = 4;

/** A position of the own lane. */
export interface SignedUpTo {
  readonly incarnation: number;
  readonly height: number;
}

/** A trust node's own chain: forms blocks, gathers their certificates, hands them to the ledger servers. */
export class Lane {
  readonly queue: LaneQueue;
  readonly #context: TrustNodeContext;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #answerTimes: AnswerTimes;
  readonly #threshold: number;
  #incarnation: number;
  #nextHeight: number;
  #tip: Uint8Array;
  #oldestPendingMs: number | undefined;
  #resetSentMs = Number.NEGATIVE_INFINITY;
  /** Blocks from the disk that do not stand on the tip (yet). */
  #kept: ProposedBlock[] = [];
  #floor: SignedUpTo | undefined;
  #heldSinceMs: number | undefined;

  constructor(context: TrustNodeContext) {
    this.#context = context;
    this.queue = new LaneQueue(context.limits.queueCapacity);
    this.#answerTimes = new AnswerTimes(context.limits.minHedgeMs, context.parameters.answerTimeoutMs);
    this.#threshold = trustThreshold(context.trustNodeCount);
    const cursor = context.view.lane(context.index);
    this.#incarnation = cursor.incarnation;
    this.#nextHeight = cursor.height + 1;
    this.#tip = cursor.hash;
  }

  /** Blocks above the cursor. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * Takes up the blocks that were on disk when the node stopped: same headers, so nothing is said twice.
   * `floor`: the highest position this node ever signed; nothing new is formed up to there, however old the
   * view is that the node starts with.
   */
  restore(blocks: readonly ProposedBlock[], floor: SignedUpTo | undefined): void {
    this.#kept = [...blocks].sort((a, b) => a.header.height - b.header.height);
    this.#floor = floor;
    this.#resume();
  }

  /** Takes up kept blocks that stand on the tip. */
  #resume(): void {
    const left: ProposedBlock[] = [];
    for (const block of this.#kept) {
      const { header } = block;
      const fits =
        header.incarnation === this.#incarnation &&
        header.height === this.#nextHeight &&
        equalBytes(header.previous, this.#tip);
      const attempt = fits ? newAttempt(this.#context, header, 0) : undefined;
      if (attempt === undefined) {
        left.push(block);
        continue;
      }
      const count = bodyCount(block.body);
      const submission = newSubmission({ bytes: block.body.bytes, offsets: block.body.offsets }, undefined);
      submission.ids = block.ids;
      const restored: InFlight = {
        block,
        submissions: new Array(count).fill(submission),
        indices: Uint16Array.from({ length: count }, (_, i) => i),
        durable: true,
        attempt,
        votes: new Map(),
        incoherent: [],
        certified: undefined,
        certifiedMs: 0,
        lastSentMs: Number.NEGATIVE_INFINITY,
      };
      this.#addOwnVote(restored);
      this.#inFlight.set(header.height, restored);
      this.#nextHeight += 1;
      this.#tip = block.hash;
    }
    this.#kept = left;
  }

  /** Positions up to the floor were signed before a restart: only those very blocks may stand there. */
  get #held(): boolean {
    const floor = this.#floor;
    return (
      floor !== undefined &&
      (this.#incarnation < floor.incarnation ||
        (this.#incarnation === floor.incarnation && this.#nextHeight <= floor.height))
    );
  }

  /** Transactions were offered to the queue. */
  noteOffered(nowMs: number): void {
    if (this.queue.pending > 0) this.#oldestPendingMs ??= nowMs;
  }

  /**
   * Lets blocks leave: when full, when the linger is over, or when nothing is in flight and nothing is still
   * being verified (leaving as soon as nothing is in flight would halve the blocks under load).
   */
  formBlocks(
    nowMs: number,
    verifying: boolean,
    persist: (block: InFlight) => void,
    effects: TrustNodeEffect[],
  ): void {
    const { limits, parameters, view, index } = this.#context;
    while (
      this.queue.pending > 0 &&
      !this.#held &&
      this.#inFlight.size < parameters.blocksInFlight &&
      !view.lane(index).suspended
    ) {
      const full = this.queue.pending >= limits.blockTarget;
      const lingered = nowMs - (this.#oldestPendingMs ?? nowMs) >= limits.lingerMs;
      const idle = this.#inFlight.size === 0 && !verifying;
      if (!full && !lingered && !idle) return;
      const block = this.#form(nowMs);
      if (block === undefined) return;
      this.#oldestPendingMs = this.queue.pending > 0 ? nowMs : undefined;
      effects.push({ kind: 'block-left' });
      persist(block);
    }
  }

  #form(nowMs: number): InFlight | undefined {
    const position = { incarnation: this.#incarnation, height: this.#nextHeight, previous: this.#tip };
    if (this.#context.view.snapshot(this.#context.view.epoch) === undefined) return undefined;
    const taken = takeBlock(this.queue, this.#context.limits.blockMost);
    const block = proposeBlock(this.#context, taken, position, nowMs);
    const attempt = newAttempt(this.#context, block.header, 0);
    if (attempt === undefined) return undefined;
    const formed: InFlight = {
      block,
      submissions: taken.submissions,
      indices: Uint16Array.from(taken.indices),
      durable: false,
      attempt,
      votes: new Map(),
      incoherent: [],
      certified: undefined,
      certifiedMs: 0,
      lastSentMs: nowMs,
    };
    this.#inFlight.set(block.header.height, formed);
    this.#nextHeight += 1;
    this.#tip = block.hash;
    return formed;
  }

  /** Header, body and own vote are on disk: show the block to witnesses and devices. */
  dispatch(block: InFlight, nowMs: number, effects: TrustNodeEffect[]): void {
    if (this.#inFlight.get(block.block.header.height) !== block) return;
    block.durable = true;
    block.lastSentMs = nowMs;
    this.#addOwnVote(block);
    this.#propose(block, effects);
    this.#ask(block, nowMs, effects);
    this.#settle(block, nowMs, effects);
  }

  #addOwnVote(block: InFlight): void {
    const { network, index, keys, checker } = this.#context;
    const content = { ...slotOf(block), hash: block.block.hash, witness: index };
    const digest = voteDigest(network, content);
    const signature = sign(digest, keys.secretKey);
    checker.markValid(signature, digest, keys.publicKey);
    block.votes.set(index, { ...content, signature });
  }

  /** Keys of trust nodes were rotated: blocks in flight get new signatures, and new votes where theirs are void. */
  rekey(nowMs: number, effects: TrustNodeEffect[]): void {
    for (const block of this.#inFlight.values()) {
      if (!dropRetired(this.#context, block) || !block.durable) continue;
      block.certified = undefined;
      if (!block.votes.has(this.#context.index)) this.#addOwnVote(block);
      this.#propose(block, effects);
      this.#settle(block, nowMs, effects);
    }
  }

  #propose(block: InFlight, effects: TrustNodeEffect[]): void {
    for (let t = 0; t < this.#context.trustNodeCount; t++) {
      if (!block.votes.has(t))
        effects.push({ kind: 'send', to: trustPeer(t), message: { kind: 'propose', block: block.block } });
    }
  }

  #ask(block: InFlight, nowMs: number, effects: TrustNodeEffect[]): void {
    for (const seat of block.attempt.ask(nowMs)) this.#assign(block, seat, effects);
  }

  #assign(block: InFlight, seat: Seat, effects: TrustNodeEffect[]): void {
    const { header, signature, ids } = block.block;
    const attempt = block.attempt.number;
    const slot = { ...slotOf(block), attempt, rank: seat.rank, device: seat.device.device };
    const assignment = encodeAssignment({
      header,
      signature,
      attempt,
      rank: seat.rank,
      device: seat.device.device,
      ids,
    });
    effects.push({
      kind: 'send',
      to: trustPeer(seat.device.host),
      message: { kind: 'assign', slot, key: seat.device.key, assignment },
    });
  }

  onVote(vote: Vote, nowMs: number, effects: TrustNodeEffect[]): void {
    const block = this.#at(vote);
    const key = this.#context.view.trustKeys[vote.witness];
    if (block === undefined || key === undefined || block.votes.has(vote.witness)) return;
    if (toHex(vote.hash) !== toHex(block.block.hash)) return;
    if (!this.#context.checker.verify(vote.signature, voteDigest(this.#context.network, vote), key)) return;
    block.votes.set(vote.witness, vote);
    this.#settle(block, nowMs, effects);
  }

  onAnswer(attestation: Attestation, nowMs: number, effects: TrustNodeEffect[]): void {
    const block = this.#at(attestation);
    const seat =
      block?.attempt.number === attestation.attempt ? block.attempt.seat(attestation.rank) : undefined;
    if (block === undefined || seat === undefined || seat.device.device !== attestation.device) return;
    if (seat.answer !== undefined || block.certified !== undefined) return;
    const digest = attestationDigest(this.#context.network, attestation);
    if (!this.#context.checker.verify(attestation.signature, digest, seat.device.key)) return;
    block.attempt.answer(attestation);
    this.#answerTimes.add(nowMs - seat.askedMs);
    this.#settle(block, nowMs, effects);
  }

  onMiss(miss: Miss, nowMs: number, effects: TrustNodeEffect[]): void {
    const block = this.#at(miss);
    const seat = block?.attempt.number === miss.attempt ? block.attempt.seat(miss.rank) : undefined;
    if (block === undefined || seat === undefined || block.certified !== undefined) return;
    if (seat.device.device !== miss.device || seat.device.host !== miss.host) return;
    const key = this.#context.view.trustKeys[miss.host];
    if (
      key === undefined ||
      !this.#context.checker.verify(miss.signature, missDigest(this.#context.network, miss), key)
    )
      return;
    block.attempt.miss(miss);
    this.#settle(block, nowMs, effects);
  }

  /** Looks whether a block is certified now, or its attempt has failed. */
  #settle(block: InFlight, nowMs: number, effects: TrustNodeEffect[]): void {
    if (!block.durable || block.certified !== undefined) return;
    const state = block.attempt.state();
    if (state === 'waiting') {
      this.#ask(block, nowMs, effects);
      if (block.attempt.state() === 'waiting') return;
      this.#settle(block, nowMs, effects);
      return;
    }
    if (state === 'enough' && block.attempt.incoherent(block.block.hash)) {
      this.#nextAttempt(block, nowMs, effects);
      return;
    }
    const unasked = state === 'missed' || (state === 'empty' && !block.attempt.listEnds);
    if (unasked && block.attempt.number + 1 < this.#context.limits.deviceAttempts) {
      this.#nextAttempt(block, nowMs, effects);
      return;
    }
    if (block.votes.size >= this.#threshold) this.#certify(block, state, nowMs, effects);
  }

  /** A certificate shows why every attempt before its own failed, whether by a lie or by silence. */
  #nextAttempt(block: InFlight, nowMs: number, effects: TrustNodeEffect[]): void {
    if (block.incoherent.length >= MAX_INCOHERENT_ATTEMPTS) return;
    const next = newAttempt(this.#context, block.block.header, block.attempt.number + 1);
    if (next === undefined) return;
    block.incoherent.push(block.attempt.asIncoherent());
    block.certified = undefined;
    block.attempt = next;
    this.#ask(block, nowMs, effects);
    this.#settle(block, nowMs, effects);
  }

  #certify(
    block: InFlight,
    state: 'enough' | 'missed' | 'empty',
    nowMs: number,
    effects: TrustNodeEffect[],
  ): void {
    const { attempt } = block;
    // A list that ran out after earlier attempts is a list whose last attempt everybody missed.
    const mode =
      state === 'enough'
        ? CERTIFICATE_MODE.devices
        : state === 'empty' && attempt.number === 0 && attempt.listEnds
          ? CERTIFICATE_MODE.noDevices
          : CERTIFICATE_MODE.allMissed;
    block.certified = {
      header: block.block.header,
      signature: block.block.signature,
      body: block.block.body.bytes,
      certificate: {
        attempt: attempt.number,
        mode,
        attestations: attempt.answers,
        misses: attempt.misses,
        votes: [...block.votes.values()].sort((a, b) => a.witness - b.witness),
        incoherent: block.incoherent,
      },
    };
    block.lastSentMs = nowMs;
    const again = block.certifiedMs !== 0;
    block.certifiedMs = nowMs;
    this.#handOver(block, effects);
    if (again) return;
    for (const submission of block.submissions) {
      submission.certified += 1;
      if (submission.certified === submission.count) effects.push({ kind: 'certified', submission });
    }
  }

  #handOver(block: InFlight, effects: TrustNodeEffect[]): void {
    const verified = { ids: block.block.ids, valid: new Uint8Array(block.indices.length).fill(1) };
    for (const to of this.#context.ledgerServers) {
      effects.push({ kind: 'send', to, message: { kind: 'certified', block: block.certified!, verified } });
    }
  }

  /** A round was applied: decides what it included and follows a reset. Returns heights that left the disk. */
  onNotice(notice: RoundNotice, nowMs: number, effects: TrustNodeEffect[]): number[] {
    const left: number[] = [];
    for (const included of notice.blocks) {
      if (included.lane !== this.#context.index) continue;
      const block = this.#inFlight.get(included.height);
      if (block === undefined) continue;
      this.#inFlight.delete(included.height);
      left.push(included.height);
      for (let i = 0; i < block.submissions.length; i++) {
        const submission = block.submissions[i]!;
        if (decide(submission, block.indices[i]!, included.codes[i]!))
          effects.push({ kind: 'decided', submission });
      }
    }
    left.push(...this.onView(nowMs, effects));
    return left;
  }

  /**
   * The view moved: blocks at or below the cursor are on the ledger even where the notice that told their
   * results was missed; a raised incarnation voids the rest. Returns heights that left the disk.
   */
  onView(nowMs: number, effects: TrustNodeEffect[]): number[] {
    const cursor = this.#context.view.lane(this.#context.index);
    const left: number[] = [];
    for (const [height, block] of this.#inFlight) {
      if (height > cursor.height) break;
      this.#inFlight.delete(height);
      left.push(height);
      block.submissions.forEach((submission, i) => {
        if (decide(submission, block.indices[i]!, RESULT_MISSED))
          effects.push({ kind: 'decided', submission });
      });
    }
    if (cursor.incarnation > this.#incarnation) left.push(...this.#startOver(nowMs));
    if (cursor.height >= this.#nextHeight) {
      this.#nextHeight = cursor.height + 1;
      this.#tip = cursor.hash;
    }
    if (this.#kept.length > 0) left.push(...this.#reviewKept());
    return left;
  }

  /** Kept blocks that the ledger holds or a reset voided leave; those that stand on the tip now are taken up. */
  #reviewKept(): number[] {
    const over = ({ header }: ProposedBlock): boolean =>
      header.incarnation < this.#incarnation ||
      (header.incarnation === this.#incarnation && header.height < this.#nextHeight);
    const left = this.#kept.filter(over).map(({ header }) => header.height);
    this.#kept = this.#kept.filter((block) => !over(block));
    this.#resume();
    return left;
  }

  /** After a reset: everything above the cursor is void; its transactions go into new blocks. */
  #startOver(nowMs: number): number[] {
    const cursor = this.#context.view.lane(this.#context.index);
    const voided = [...this.#inFlight.keys()].sort((a, b) => a - b);
    const waiting: { submission: InFlight['submissions'][number]; index: number }[] = [];
    while (this.queue.pending > 0) waiting.push(this.queue.take());
    for (const height of voided) {
      const block = this.#inFlight.get(height)!;
      block.submissions.forEach((submission, i) => {
        this.queue.offer(submission, block.indices[i]!);
      });
    }
    for (const { submission, index } of waiting) this.queue.offer(submission, index);
    this.#inFlight.clear();
    this.#incarnation = cursor.incarnation;
    this.#nextHeight = cursor.height + 1;
    this.#tip = cursor.hash;
    this.noteOffered(nowMs);
    return voided;
  }

  /** Hedges slow devices, sends again what got no answer, asks for a reset where the ledger can't take a block any more. */
  tick(nowMs: number, effects: TrustNodeEffect[]): void {
    const hedgeMs = this.#answerTimes.hedgeMs();
    for (const block of this.#inFlight.values()) {
      if (!block.durable) continue;
      if (block.certified === undefined && block.attempt.hedge(nowMs, hedgeMs))
        this.#ask(block, nowMs, effects);
      if (nowMs - block.lastSentMs >= this.#context.limits.resendMs) this.#resend(block, nowMs, effects);
    }
    this.#requestReset(nowMs, effects);
  }

  #resend(block: InFlight, nowMs: number, effects: TrustNodeEffect[]): void {
    block.lastSentMs = nowMs;
    if (block.certified !== undefined) {
      // The ledger takes only so many blocks that trust nodes completed alone: ask further devices meanwhile.
      if (block.certified.certificate.mode === CERTIFICATE_MODE.allMissed && !block.attempt.listEnds)
        this.#nextAttempt(block, nowMs, effects);
      if (block.certified !== undefined) {
        this.#handOver(block, effects);
        return;
      }
    }
    this.#propose(block, effects);
    for (const seat of block.attempt.silent()) this.#assign(block, seat, effects);
    this.#settle(block, nowMs, effects);
  }

  #requestReset(nowMs: number, effects: TrustNodeEffect[]): void {
    const { view, index, limits, keys, network } = this.#context;
    let stale = this.#heldTooLong(nowMs);
    for (const block of this.#inFlight.values()) {
      const exhausted = block.certified === undefined && block.incoherent.length >= MAX_INCOHERENT_ATTEMPTS;
      if (block.block.header.epoch + 1 < view.epoch || (exhausted && block.attempt.state() !== 'waiting'))
        stale = true;
    }
    if (!stale || nowMs - this.#resetSentMs < limits.resendMs) return;
    this.#resetSentMs = nowMs;
    const content = { lane: index, incarnation: this.#incarnation, reason: RESET_REASON.lane };
    const signature = sign(laneResetDigest(network, content), keys.secretKey);
    for (const to of this.#context.ledgerServers) {
      effects.push({ kind: 'send', to, message: { kind: 'reset', reset: { ...content, signature } } });
    }
  }

  /** Signed positions whose blocks are neither here nor on the ledger: only a reset gets past them. */
  #heldTooLong(nowMs: number): boolean {
    if (!this.#held) {
      this.#heldSinceMs = undefined;
      return false;
    }
    this.#heldSinceMs ??= nowMs;
    return nowMs - this.#heldSinceMs >= HELD_RESENDS * this.#context.limits.resendMs;
  }

  /** A certified block was handed over so long ago that the notice of its round may have been lost. */
  overdue(nowMs: number): boolean {
    for (const { certified, certifiedMs } of this.#inFlight.values()) {
      if (certified !== undefined && nowMs - certifiedMs >= this.#context.limits.resendMs) return true;
    }
    return false;
  }

  /** When `tick` or `formBlocks` has something to do next, ms; undefined: nothing is under way. */
  nextDeadlineMs(nowMs: number): number | undefined {
    const linger =
      this.#oldestPendingMs === undefined ? undefined : this.#oldestPendingMs + this.#context.limits.lingerMs;
    if (this.#inFlight.size === 0 && !this.#held) return linger;
    const hedge = nowMs + this.#context.limits.minHedgeMs;
    return linger === undefined ? hedge : Math.min(linger, hedge);
  }

  #at(position: {
    readonly lane: number;
    readonly incarnation: number;
    readonly height: number;
  }): InFlight | undefined {
    if (position.lane !== this.#context.index || position.incarnation !== this.#incarnation) return undefined;
    return this.#inFlight.get(position.height);
  }
}

function slotOf(block: InFlight): { lane: number; incarnation: number; height: number } {
  const { lane, incarnation, height } = block.block.header;
  return { lane, incarnation, height };
}
