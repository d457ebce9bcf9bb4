import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { blockHash } from '@iotw/protocol/header';
import { RESET_REASON } from '@iotw/protocol/round';
import type { ReferenceRound } from '../reference/reference-round.js';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

interface Cursor {
  incarnation: number;
  height: number;
  hash: Uint8Array;
  progress: number;
  blocks: number;
  unmined: number;
}

/**
 * Agreed time never goes back, epochs last as long as they have to, lanes go on block by block, and what is
 * applied is in time: no transaction after its expiry, no block of an epoch long gone or of a round to come.
 */
export class RoundsFollow implements Invariant {
  readonly name = 'rounds-follow';
  readonly #lanes = new Map<number, Cursor>();
  readonly #opened = new Map<number, number>([[0, 0]]);
  #timeMs = 0;
  #epochStartMs: number | undefined;

  applied(round: AppliedRound, reference: ReferenceRound | undefined): void {
    if (!round.first) return;
    const { ledger, outcome, input } = round;
    const { number, timeMs } = outcome.header;
    this.#epochStartMs ??= ledger.genesis.timeMs;
    if (timeMs < this.#timeMs) throw new Violation(this.name, `round ${number} goes back in time`);
    this.#timeMs = timeMs;
    for (const { lane, reason } of input.resets) {
      const cursor = this.#cursor(lane);
      if (reason === RESET_REASON.stalled && number - cursor.progress < reference!.parameters.stallRounds)
        throw new Violation(this.name, `round ${number} resets lane ${lane}, which goes on`);
      cursor.incarnation += 1;
      cursor.progress = number;
    }
    for (const { block } of outcome.applied)
      this.#block(round, block.header, block.certificate.mode, reference!.parameters.unminedBps);
    for (const { transaction, code } of reference!.transactions)
      if (code === 0 && transaction.expiryMs < timeMs)
        throw new Violation(this.name, `round ${number} applies a transaction that expired`);
    if (outcome.edge === undefined) return;
    if (timeMs < this.#epochStartMs + reference!.parameters.epochMs)
      throw new Violation(this.name, `epoch ${outcome.edge.ended} ends before its time`);
    this.#epochStartMs = timeMs;
    this.#opened.set(outcome.edge.ended + 1, number);
    for (const cursor of this.#lanes.values()) {
      cursor.blocks = 0;
      cursor.unmined = 0;
    }
  }

  #cursor(lane: number): Cursor {
    let cursor = this.#lanes.get(lane);
    if (cursor === undefined) {
      cursor = { incarnation: 0, height: 0, hash: new Uint8Array(32), progress: 0, blocks: 0, unmined: 0 };
      this.#lanes.set(lane, cursor);
    }
    return cursor;
  }

  #block(
    { ledger, outcome }: AppliedRound,
    header: AppliedRound['outcome']['applied'][number]['block']['header'],
    mode: number,
    unminedBps: number,
  ): void {
    const { number } = outcome.header;
    const { lane, height, incarnation, epoch, refRound } = header;
    const place = `block ${height} of lane ${lane} in round ${number}`;
    const cursor = this.#cursor(lane);
    if (incarnation !== cursor.incarnation)
      throw new Violation(this.name, `${place}: of incarnation ${incarnation}`);
    if (height !== cursor.height + 1) throw new Violation(this.name, `${place}: follows ${cursor.height}`);
    if (!equalBytes(header.previous, cursor.hash))
      throw new Violation(this.name, `${place}: stands on ${toHex(header.previous)}`);
    const running = outcome.edge?.ended ?? outcome.header.epoch;
    if (epoch !== running && epoch !== running - 1)
      throw new Violation(this.name, `${place}: of epoch ${epoch}`);
    if (refRound >= number || refRound < (this.#opened.get(epoch) ?? 0))
      throw new Violation(this.name, `${place}: refers to round ${refRound}`);
    cursor.height = height;
    cursor.hash = blockHash(ledger.network, header);
    cursor.progress = number;
    cursor.blocks += 1;
    if (mode !== 2) return;
    cursor.unmined += 1;
    const allowed = Math.max(1, Math.floor((cursor.blocks * unminedBps) / 10_000));
    if (cursor.unmined > allowed)
      throw new Violation(
        this.name,
        `${place}: number ${cursor.unmined} without devices of ${cursor.blocks}`,
      );
  }
}
