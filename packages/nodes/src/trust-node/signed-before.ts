import { equalBytes } from '@iotw/kernel/bytes';
import type { BlockHeader } from '@iotw/protocol/header';
import type { ProposedBlock } from '../messages.js';
import type { BlockRecord, LeftBlock, VoteRecord } from './records.js';

/** A position of the own lane. */
export interface SignedUpTo {
  readonly incarnation: number;
  readonly height: number;
}

/**
 * What a lane signed before its node stopped: the blocks that were on disk, and the floor, the highest
 * position that anything on disk was signed for. Up to the floor only those very blocks may stand, however
 * old the view is that the node starts with; otherwise it would sign two headers for one height.
 */
export class SignedBefore {
  #blocks: ProposedBlock[];
  readonly #floor: SignedUpTo | undefined;
  #heldSinceMs: number | undefined;

  constructor(blocks: readonly ProposedBlock[], floor: SignedUpTo | undefined) {
    this.#blocks = [...blocks].sort((a, b) => a.header.height - b.header.height);
    this.#floor = floor;
  }

  /** Whether nothing new may be formed at the lane's next position. */
  holds(next: SignedUpTo): boolean {
    const floor = this.#floor;
    return (
      floor !== undefined &&
      (next.incarnation < floor.incarnation ||
        (next.incarnation === floor.incarnation && next.height <= floor.height))
    );
  }

  /** Held back for `limitMs`: the blocks are neither here nor on the ledger, only a reset gets past them. */
  heldFor(next: SignedUpTo, nowMs: number, limitMs: number): boolean {
    if (!this.holds(next)) {
      this.#heldSinceMs = undefined;
      return false;
    }
    this.#heldSinceMs ??= nowMs;
    return nowMs - this.#heldSinceMs >= limitMs;
  }

  /** The block that stands on the lane's tip. */
  at(next: Pick<BlockHeader, 'incarnation' | 'height' | 'previous'>): ProposedBlock | undefined {
    return this.#blocks.find(
      ({ header }) =>
        header.incarnation === next.incarnation &&
        header.height === next.height &&
        equalBytes(header.previous, next.previous),
    );
  }

  /** The lane has taken it up. */
  take(block: ProposedBlock): void {
    this.#blocks = this.#blocks.filter((kept) => kept !== block);
  }

  /** Forgets blocks that the ledger holds or a reset voided, and returns them: which of the two is not known. */
  dropBelow(next: SignedUpTo): LeftBlock[] {
    const over = ({ header }: ProposedBlock): boolean =>
      header.incarnation < next.incarnation ||
      (header.incarnation === next.incarnation && header.height < next.height);
    const left = this.#blocks.filter(over).map(({ header }) => ({ header, isVoid: false }));
    if (left.length > 0) this.#blocks = this.#blocks.filter((block) => !over(block));
    return left;
  }
}

/** The highest position of the own lane that anything on disk was signed for. */
export function signedUpTo(
  index: number,
  blocks: readonly BlockRecord[],
  votes: readonly VoteRecord[],
): SignedUpTo | undefined {
  let highest: SignedUpTo | undefined;
  for (const { lane, incarnation, height } of [...blocks.map(({ header }) => header), ...votes]) {
    if (lane !== index) continue;
    if (
      highest === undefined ||
      incarnation > highest.incarnation ||
      (incarnation === highest.incarnation && height > highest.height)
    )
      highest = { incarnation, height };
  }
  return highest;
}
