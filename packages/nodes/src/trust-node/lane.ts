import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import {
  CERTIFICATE_MODE,
  type Miss,
  type Silence,
  trustThreshold,
  type Vote,
} from '@iotw/protocol/certificate';
import type { BlockHeader } from '@iotw/protocol/header';
import { MAX_INCOHERENT_ATTEMPTS } from '@iotw/protocol/limits';
import type { AnswerSlot, RoundNotice } from '../messages.js';
import { AnswerTimes } from './answer-times.js';
import type { Seat } from './attempt.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';
import { Departure } from './departure.js';
import {
  certifiedBlock,
  type InFlight,
  isStuck,
  newAttempt,
  ownVote,
  proposeBlock,
  restoredBlock,
  takeBlock,
  takeVote,
  votersOf,
} from './in-flight.js';
import { type AssignedMessage, LaneAssigning } from './lane-assigning.js';
import { askReset, assign, handOver, propose } from './lane-messages.js';
import { decideAll, queueAgain } from './lane-outcome.js';
import { LaneQueue } from './lane-queue.js';
import { inquire, isSigned, takeSilence } from './lane-silence.js';
import { stateOf } from './lane-soft-misses.js';
import type { LeftBlock } from './records.js';
import { dropRetired } from './rekey.js';
import { SignedBefore } from './signed-before.js';

/** Told to a submitter whose transaction is on the ledger but whose result passed by: ask for the receipt. */
export const RESULT_MISSED = 0xff01;

/** Held back by positions signed before a restart, or by a block that is stuck, for this many resend times, it asks for a reset. */
const HELD_RESENDS = 4;

/** A trust node's own chain: forms blocks, gathers their certificates, hands them to the ledger servers. */
export class Lane {
  readonly queue: LaneQueue;
  /** When a block that is not full leaves. */
  readonly departure: Departure;
  readonly #context: TrustNodeContext;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #answerTimes: AnswerTimes;
  readonly #assigning: LaneAssigning;
  #incarnation: number;
  #nextHeight: number;
  #tip: Uint8Array;
  #resetSentMs = Number.NEGATIVE_INFINITY;
  #before = new SignedBefore([], undefined);

  constructor(context: TrustNodeContext) {
    this.#context = context;
    this.queue = new LaneQueue(context.limits.queueCapacity);
    this.departure = new Departure(this.queue, context.limits);
    this.#assigning = new LaneAssigning(context);
    this.#answerTimes = new AnswerTimes(context.limits.minHedgeMs);
    const cursor = context.view.lane(context.index);
    this.#incarnation = cursor.incarnation;
    this.#nextHeight = cursor.height + 1;
    this.#tip = cursor.hash;
    this.queue.closed = cursor.suspended;
  }

  /** Blocks above the cursor. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Takes up what was signed before the node stopped: same headers, so nothing is said twice. */
  restore(before: SignedBefore): void {
    this.#before = before;
    this.#resume();
  }

  get #next(): Pick<BlockHeader, 'incarnation' | 'height' | 'previous'> {
    return { incarnation: this.#incarnation, height: this.#nextHeight, previous: this.#tip };
  }

  /** Takes up blocks signed before that stand on the tip. */
  #resume(): void {
    for (let block = this.#before.at(this.#next); block !== undefined; block = this.#before.at(this.#next)) {
      const attempt = newAttempt(this.#context, block.header, 0);
      if (attempt === undefined) return;
      this.#before.take(block);
      const restored = restoredBlock(block, attempt, votersOf(this.#context, block.header.epoch));
      restored.votes.set(this.#context.index, ownVote(this.#context, block));
      this.#inFlight.set(block.header.height, restored);
      this.#nextHeight += 1;
      this.#tip = block.hash;
    }
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
    const { limits, view, index } = this.#context;
    while (
      this.queue.pending > 0 &&
      !this.#before.holds(this.#next) &&
      this.#inFlight.size < view.parameters.blocksInFlight &&
      !view.lane(index).suspended
    ) {
      const full = this.queue.pending >= limits.blockTarget;
      const idle = this.#inFlight.size === 0 && !verifying;
      if (!full && !idle && !this.departure.due(nowMs)) return;
      const block = this.#form(nowMs);
      if (block === undefined) return;
      this.departure.left(nowMs);
      effects.push({ kind: 'block-left' });
      persist(block);
    }
  }

  #form(nowMs: number): InFlight | undefined {
    const position = this.#next;
    if (this.#context.view.snapshot(this.#context.view.epoch) === undefined) return undefined;
    const taken = takeBlock(this.queue, this.#context.limits.blockMost);
    const block = proposeBlock(this.#context, taken, position, nowMs);
    const attempt = newAttempt(this.#context, block.header, 0);
    if (attempt === undefined) return undefined;
    const formed: InFlight = {
      block,
      submissions: taken.submissions,
      indices: taken.indices,
      durable: false,
      attempt,
      voters: votersOf(this.#context, block.header.epoch),
      votes: new Map(),
      incoherent: [],
      assigned: [],
      assigning: undefined,
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
    block.votes.set(this.#context.index, ownVote(this.#context, block.block));
    propose(this.#context, block, effects);
    this.#ask(block, nowMs, effects);
    this.#settle(block, nowMs, effects);
  }

  /** Keys of trust nodes were rotated: blocks in flight get new signatures, and new votes where theirs are void. */
  rekey(nowMs: number, effects: TrustNodeEffect[]): void {
    for (const block of this.#inFlight.values()) {
      if (!dropRetired(this.#context, block) || !block.durable) continue;
      block.certified = undefined;
      const { index } = this.#context;
      if (!block.votes.has(index)) block.votes.set(index, ownVote(this.#context, block.block));
      propose(this.#context, block, effects);
      this.#settle(block, nowMs, effects);
    }
  }

  #ask(block: InFlight, nowMs: number, effects: TrustNodeEffect[]): void {
    if (!this.#assigning.ready(block, nowMs, effects)) return;
    for (const seat of block.attempt.ask(nowMs)) assign(this.#context, block, seat, nowMs, effects);
  }

  onVote(vote: Vote, nowMs: number, effects: TrustNodeEffect[]): void {
    const block = this.#at(vote);
    if (block !== undefined && takeVote(this.#context, block, vote)) this.#settle(block, nowMs, effects);
  }

  /** An assigner signed an attempt of a block. */
  onAssigned(statement: AssignedMessage, nowMs: number, effects: TrustNodeEffect[]): void {
    const block = this.#at(statement);
    if (block !== undefined && this.#assigning.take(block, statement)) this.#settle(block, nowMs, effects);
  }

  onAnswer(attestation: Attestation, nowMs: number, effects: TrustNodeEffect[]): void {
    const asked = this.#seatOf(attestation);
    if (asked === undefined || asked.seat.answer !== undefined) return;
    const { block, seat } = asked;
    const digest = attestationDigest(this.#context.network, attestation);
    if (!this.#context.checker.verify(attestation.signature, digest, seat.device.key)) return;
    block.attempt.answer(attestation);
    this.#answerTimes.add(nowMs - seat.askedMs);
    this.#settle(block, nowMs, effects);
  }

  onMiss(miss: Miss, nowMs: number, effects: TrustNodeEffect[]): void {
    const asked = this.#seatOf(miss);
    if (asked === undefined || asked.seat.device.host !== miss.host) return;
    if (!isSigned(this.#context, miss)) return;
    asked.block.attempt.miss(miss);
    this.#settle(asked.block, nowMs, effects);
  }

  /** Another trust node asked a host in vain. */
  onSilence(silence: Silence, nowMs: number, effects: TrustNodeEffect[]): void {
    const asked = this.#seatOf(silence);
    if (asked === undefined || !takeSilence(this.#context, asked.block, asked.seat, silence)) return;
    this.#settle(asked.block, nowMs, effects);
  }

  /** Looks whether a block is certified now, or its attempt has failed. */
  #settle(block: InFlight, nowMs: number, effects: TrustNodeEffect[]): void {
    if (!block.durable || block.certified !== undefined) return;
    const state = stateOf(this.#context, this.#inFlight, block);
    if (state === 'waiting') {
      this.#ask(block, nowMs, effects);
      if (stateOf(this.#context, this.#inFlight, block) === 'waiting') return;
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
    if (block.votes.size >= trustThreshold(block.voters.size)) this.#certify(block, state, nowMs, effects);
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
    block.certified = certifiedBlock(block, state);
    block.lastSentMs = nowMs;
    const again = block.certifiedMs !== 0;
    block.certifiedMs = nowMs;
    handOver(this.#context, block, effects);
    if (again) return;
    for (const submission of block.submissions) {
      submission.certified += 1;
      if (submission.certified === submission.count) effects.push({ kind: 'certified', submission });
    }
  }

  /** A round was applied: decides what it included and follows a reset. Returns the blocks that left. */
  onNotice(notice: RoundNotice, nowMs: number, effects: TrustNodeEffect[]): LeftBlock[] {
    const left: LeftBlock[] = [];
    for (const included of notice.blocks) {
      if (included.lane !== this.#context.index) continue;
      const block = this.#inFlight.get(included.height);
      if (block === undefined) continue;
      this.#inFlight.delete(included.height);
      left.push({ header: block.block.header, isVoid: false });
      decideAll(block, included.codes, effects);
    }
    left.push(...this.onView(nowMs, effects));
    return left;
  }

  /**
   * The view moved: blocks at or below the cursor are on the ledger even where the notice that told their
   * results was missed; a raised incarnation voids the rest. Returns the blocks that left.
   */
  onView(nowMs: number, effects: TrustNodeEffect[]): LeftBlock[] {
    const cursor = this.#context.view.lane(this.#context.index);
    this.queue.closed = cursor.suspended;
    const left: LeftBlock[] = [];
    for (const [height, block] of this.#inFlight) {
      if (height > cursor.height) break;
      this.#inFlight.delete(height);
      left.push({ header: block.block.header, isVoid: false });
      decideAll(block, RESULT_MISSED, effects);
    }
    if (cursor.incarnation > this.#incarnation) left.push(...this.#startOver(nowMs, effects));
    if (cursor.height >= this.#nextHeight) {
      this.#nextHeight = cursor.height + 1;
      this.#tip = cursor.hash;
    }
    left.push(...this.#before.dropBelow(this.#next));
    this.#resume();
    return left;
  }

  /** After a reset: everything above the cursor is void; its transactions go into new blocks. */
  #startOver(nowMs: number, effects: TrustNodeEffect[]): LeftBlock[] {
    const cursor = this.#context.view.lane(this.#context.index);
    const voided = [...this.#inFlight.values()].sort((a, b) => a.block.header.height - b.block.header.height);
    queueAgain(this.queue, voided, effects);
    this.#inFlight.clear();
    this.#incarnation = cursor.incarnation;
    this.#nextHeight = cursor.height + 1;
    this.#tip = cursor.hash;
    this.departure.offered(nowMs);
    return voided.map(({ block }) => ({ header: block.header, isVoid: true }));
  }

  /** Hedges slow devices, sends again what got no answer, asks for a reset where the ledger can't take a block any more. */
  tick(nowMs: number, effects: TrustNodeEffect[]): void {
    const hedgeMs = this.#answerTimes.hedgeMs(this.#context.view.parameters.answerTimeoutMs);
    for (const block of this.#inFlight.values()) {
      if (!block.durable) continue;
      if (block.certified === undefined) {
        if (this.#assigning.overdue(block, nowMs, this.#answerTimes) || block.attempt.hedge(nowMs, hedgeMs))
          this.#ask(block, nowMs, effects);
        if (inquire(this.#context, block, nowMs, false, effects)) this.#settle(block, nowMs, effects);
      }
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
        handOver(this.#context, block, effects);
        return;
      }
    }
    propose(this.#context, block, effects);
    for (const seat of block.attempt.silent()) assign(this.#context, block, seat, nowMs, effects);
    inquire(this.#context, block, nowMs, true, effects);
    this.#settle(block, nowMs, effects);
  }

  #requestReset(nowMs: number, effects: TrustNodeEffect[]): void {
    const { view, limits } = this.#context;
    const heldMs = HELD_RESENDS * limits.resendMs;
    let stuck = this.#before.heldFor(this.#next, nowMs, heldMs);
    for (const block of this.#inFlight.values()) stuck ||= isStuck(block, view.epoch, nowMs - heldMs);
    if (!stuck || nowMs - this.#resetSentMs < limits.resendMs) return;
    this.#resetSentMs = nowMs;
    askReset(this.#context, this.#incarnation, effects);
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
    const leaveBy = this.departure.atMs;
    if (this.#inFlight.size === 0 && !this.#before.holds(this.#next)) return leaveBy;
    const hedge = nowMs + this.#context.limits.minHedgeMs;
    return leaveBy === undefined ? hedge : Math.min(leaveBy, hedge);
  }

  /** The seat that a statement is about, while it can still matter. */
  #seatOf(at: AnswerSlot): { readonly block: InFlight; readonly seat: Seat } | undefined {
    const block = this.#at(at);
    if (block === undefined || block.certified !== undefined || block.attempt.number !== at.attempt)
      return undefined;
    const seat = block.attempt.seat(at.rank);
    return seat?.device.device === at.device ? { block, seat } : undefined;
  }

  #at(position: Pick<BlockHeader, 'lane' | 'incarnation' | 'height'>): InFlight | undefined {
    if (position.lane !== this.#context.index || position.incarnation !== this.#incarnation) return undefined;
    return this.#inFlight.get(position.height);
  }
}
