import { type Assigned, assignedDigestOf } from '@iotw/protocol/assigned';
import type { EpochAssigner } from '@iotw/protocol/pool';
import { ledgerPeer, type PeerMessage } from '../messages.js';
import type { AnswerTimes } from './answer-times.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';
import type { InFlight } from './in-flight.js';

export type AssignedMessage = Extract<PeerMessage, { readonly kind: 'assigned' }>;

/**
 * Whom a lane asks to sign its assignments (spec: clause 7.9). One is asked at a time, by turns; whoever let a
 * question wait for a hedge is passed over until it answers one. While all are silent the lane's trust node
 * assigns at once and goes on asking, so that an assigner can delay a block by one hedge and never stop one.
 */
export class LaneAssigning {
  readonly #context: TrustNodeContext;
  /** Numbers of assigners that let their last question wait. */
  readonly #silent = new Set<number>();

  constructor(context: TrustNodeContext) {
    this.#context = context;
  }

  /** Whether the devices of the block's attempt may be asked now; asks an assigner first where there is one. */
  ready(block: InFlight, nowMs: number, effects: TrustNodeEffect[]): boolean {
    const assigners = this.#assigners(block);
    if (assigners.length === 0) return true;
    const { number: attempt } = block.attempt;
    if (block.assigning?.attempt !== attempt) {
      const { height } = block.block.header;
      const start = (this.#context.index + height) % assigners.length;
      const turns = [...assigners.slice(start), ...assigners.slice(0, start)];
      const heard = turns.find(({ index }) => !this.#silent.has(index));
      const { index: assigner, server } = heard ?? turns[0]!;
      block.assigning = { attempt, askedMs: nowMs, assigner, settled: heard === undefined };
      const { header, signature } = block.block;
      const message = { kind: 'assign-request', header, signature, attempt } as const;
      effects.push({ kind: 'send', to: ledgerPeer(server), message });
    }
    return block.assigning.settled;
  }

  /** An assigner's statement about a block; true where its devices may be asked now. */
  take(block: InFlight, { assigned }: AssignedMessage): boolean {
    const { network, checker, view } = this.#context;
    const assigner = this.#assigners(block).find(({ index }) => index === assigned.index);
    const { header, hash } = block.block;
    const role = view.snapshot(header.epoch)?.parameters.assigner;
    if (assigner === undefined || assigned.role !== role) return false;
    const digest = assignedDigestOf(network, header, hash, assigned, assigner);
    if (!checker.verify(assigned.signature, digest, assigner.key)) return false;
    this.#silent.delete(assigned.index);
    const { assigning } = block;
    if (assigning === undefined || assigning.settled || assigning.attempt !== assigned.attempt) return false;
    assigning.settled = true;
    block.assigned.push(assigned);
    return true;
  }

  /** Whether an assigner let the block wait for a hedge interval: the lane's trust node assigns the attempt itself. */
  overdue({ assigning }: InFlight, nowMs: number, answerTimes: AnswerTimes): boolean {
    if (assigning === undefined || assigning.settled) return false;
    if (nowMs - assigning.askedMs < answerTimes.intervalMs(this.#context.view.parameters.answerTimeoutMs))
      return false;
    this.#silent.add(assigning.assigner);
    assigning.settled = true;
    return true;
  }

  #assigners({ block }: InFlight): readonly EpochAssigner[] {
    return this.#context.view.snapshot(block.header.epoch)?.assigners ?? [];
  }
}

/** The statement about the block's running attempt, if an assigner made one. */
export function statementOf({ assigned, attempt }: InFlight): Assigned | undefined {
  return assigned.find((statement) => statement.attempt === attempt.number);
}
