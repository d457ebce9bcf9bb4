import { toHex } from '@iotw/kernel/bytes';
import { type PeerId, type PeerMessage, trustPeer } from '@iotw/nodes/messages';
import type { Vote } from '@iotw/protocol/certificate';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** A trust node votes for one hash, and signs one header, at a (lane, incarnation, height): across crashes too. */
export class OneVote implements Invariant {
  readonly name = 'one-vote';
  readonly #said = new Map<string, string>();
  readonly #captured: (peer: PeerId) => boolean;

  /** `captured`: nodes that an adversary holds; they say what they like. */
  constructor(captured: (peer: PeerId) => boolean) {
    this.#captured = captured;
  }

  sent(from: PeerId, message: PeerMessage): void {
    if (message.kind === 'vote') this.#vote(message.vote);
    if (message.kind === 'propose') {
      const { lane, incarnation, height } = message.block.header;
      this.#once(`${from} header ${lane}/${incarnation}/${height}`, toHex(message.block.hash));
    }
  }

  applied({ outcome, first }: AppliedRound): void {
    if (!first) return;
    for (const { block } of outcome.applied) for (const vote of block.certificate.votes) this.#vote(vote);
  }

  #vote({ witness, lane, incarnation, height, hash }: Vote): void {
    if (this.#captured(trustPeer(witness))) return;
    this.#once(`trust:${witness} vote ${lane}/${incarnation}/${height}`, toHex(hash));
  }

  #once(what: string, hash: string): void {
    const before = this.#said.get(what);
    if (before === undefined) this.#said.set(what, hash);
    else if (before !== hash) throw new Violation(this.name, `${what}: first ${before}, then ${hash}`);
  }
}
