import { BoundedMap } from '@iotw/kernel/bounded-map';
import { equalBytes } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { bodyCount } from '@iotw/protocol/body';
import { type Vote, voteDigest } from '@iotw/protocol/certificate';
import { encodeSignedHeader, type SignedHeader } from '@iotw/protocol/evidence';
import { EVIDENCE_KIND, type Evidence } from '@iotw/protocol/operations';
import { rootOfIds } from '../block-root.js';
import type { ProposedBlock } from '../messages.js';
import type { TrustNodeContext } from './context.js';
import type { VoteRecord } from './records.js';

/** A block this trust node has voted for; the signed header is kept to prove equivocation against its lane. */
interface Voted {
  readonly incarnation: number;
  readonly hash: Uint8Array;
  readonly signed: SignedHeader | undefined;
  /** The record is on disk: only then may the vote be seen. */
  durable: boolean;
}

export type WitnessVerdict =
  /** Make `record` durable, then send `vote`. */
  | { readonly kind: 'vote'; readonly record: VoteRecord; readonly signed: SignedHeader }
  /** Voted for before: the vote can be sent again at once. */
  | { readonly kind: 'repeat'; readonly record: VoteRecord }
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  | { readonly kind: 'waiting' | 'refused' };

/** The part of a trust node that witnesses: for ever one hash per (lane, incarnation, height). */
export class Witness {
  readonly #context: TrustNodeContext;
  readonly #votes = new Map<number, Map<number, Voted>>();
  readonly #waiting = new Map<number, Map<number, ProposedBlock>>();
  /**
   * Below these heights of a lane votes were pruned: a view that is older than the one they were pruned by
   * (after a restart) must not make this node vote there again.
   */
  readonly #floors = new Map<number, number>();

  /** Positions at which evidence was given: more of it would only cost fees. */
  readonly #proven = new BoundedMap<string, true>(1_024);

  constructor(context: TrustNodeContext, restored: readonly VoteRecord[]) {
    this.#context = context;
    for (const record of restored) {
      this.#lane(record.lane).set(record.height, {
        incarnation: record.incarnation,
        hash: record.hash,
        signed: undefined,
        durable: true,
      });
      const floor = this.#floors.get(record.lane) ?? Number.POSITIVE_INFINITY;
      this.#floors.set(record.lane, Math.min(floor, record.height));
    }
  }

  #lane(lane: number): Map<number, Voted> {
    let votes = this.#votes.get(lane);
    if (votes === undefined) {
      votes = new Map();
      this.#votes.set(lane, votes);
    }
    return votes;
  }

  /** Checks header, signature, root and that the body is there (spec: clause 8). */
  judge(block: ProposedBlock): WitnessVerdict {
    const { view } = this.#context;
    const { header } = block;
    const laneKey = view.trustKeys[header.lane];
    if (laneKey === undefined || !view.hasLane(header.lane)) return { kind: 'refused' };
    const cursor = view.lane(header.lane);
    if (header.incarnation !== cursor.incarnation || header.height <= cursor.height || cursor.suspended)
      return { kind: 'refused' };
    if (header.height > cursor.height + 4 * this.#context.view.parameters.blocksInFlight)
      return { kind: 'refused' };
    if (!this.#context.checker.verify(block.signature, block.hash, laneKey)) return { kind: 'refused' };
    if (header.height < (this.#floors.get(header.lane) ?? 0)) return { kind: 'refused' };
    const before = this.#lane(header.lane).get(header.height);
    // The record of a later incarnation has taken the earlier one's place: nothing is known of that any more.
    if (before !== undefined && before.incarnation > header.incarnation) return { kind: 'refused' };
    if (before !== undefined && before.incarnation === header.incarnation) {
      if (equalBytes(before.hash, block.hash))
        return before.durable ? { kind: 'repeat', record: recordOf(block) } : { kind: 'waiting' };
      const position = `${header.lane}/${header.incarnation}/${header.height}`;
      if (before.signed === undefined || this.#proven.has(position)) return { kind: 'refused' };
      this.#proven.set(position, true);
      return { kind: 'evidence', evidence: equivocation(before.signed, block) };
    }
    if (header.epoch > view.epoch + 1 || header.epoch + 1 < view.epoch) return { kind: 'refused' };
    const below = this.#hashAt(header.lane, header.incarnation, header.height - 1);
    if (below === undefined) {
      this.#wait(block);
      return { kind: 'waiting' };
    }
    if (!equalBytes(below, header.previous)) return { kind: 'refused' };
    const { count } = header;
    if (
      bodyCount(block.body) !== count ||
      block.ids.length !== 32 * count ||
      !equalBytes(rootOfIds(block.ids), header.root)
    ) {
      return { kind: 'refused' };
    }
    const record = recordOf(block);
    const signed: SignedHeader = { header, signature: block.signature };
    // Bound before it is durable: a second header that comes meanwhile must not get a vote either.
    const { incarnation } = header;
    this.#lane(header.lane).set(header.height, { incarnation, hash: block.hash, signed, durable: false });
    return { kind: 'vote', record, signed };
  }

  /** The lane's own block: its vote is bound like any other. */
  bindOwn(block: ProposedBlock): VoteRecord {
    const record = recordOf(block);
    this.#lane(record.lane).set(record.height, {
      incarnation: record.incarnation,
      hash: record.hash,
      signed: { header: block.header, signature: block.signature },
      durable: false,
    });
    return record;
  }

  /** The record is on disk. */
  noteDurable(record: VoteRecord): void {
    const voted = this.#votes.get(record.lane)?.get(record.height);
    if (voted?.incarnation === record.incarnation && equalBytes(voted.hash, record.hash))
      voted.durable = true;
  }

  sign(record: VoteRecord): Vote {
    const { network, index, keys, checker } = this.#context;
    const content = { ...record, witness: index };
    const digest = voteDigest(network, content);
    const signature = sign(digest, keys.secretKey);
    checker.markValid(signature, digest, keys.publicKey);
    return { ...content, signature };
  }

  /** A proposal that waited for the one below it, once that is known. */
  nextWaiting(lane: number, height: number): ProposedBlock | undefined {
    const waiting = this.#waiting.get(lane);
    const block = waiting?.get(height);
    waiting?.delete(height);
    return block;
  }

  /**
   * Forgets votes below the cursors: what may leave the disk, and what must be there instead. The record at
   * the cursor's own height stays, or comes, to say after a restart that everything below was decided.
   */
  prune(): {
    readonly erased: { readonly lane: number; readonly height: number }[];
    readonly kept: VoteRecord[];
  } {
    const erased: { lane: number; height: number }[] = [];
    const kept: VoteRecord[] = [];
    for (const [lane, votes] of this.#votes) {
      const { height: cursor, incarnation, hash } = this.#context.view.lane(lane);
      const before = erased.length;
      for (const height of votes.keys()) {
        if (height >= cursor) continue;
        votes.delete(height);
        erased.push({ lane, height });
      }
      if (erased.length > before) {
        this.#floors.set(lane, cursor);
        if (!votes.has(cursor)) {
          votes.set(cursor, { incarnation, hash, signed: undefined, durable: false });
          kept.push({ lane, height: cursor, incarnation, hash });
        }
      }
      const waiting = this.#waiting.get(lane);
      if (waiting !== undefined)
        for (const height of waiting.keys()) if (height <= cursor) waiting.delete(height);
    }
    return { erased, kept };
  }

  #hashAt(lane: number, incarnation: number, height: number): Uint8Array | undefined {
    const cursor = this.#context.view.lane(lane);
    if (height === cursor.height) return cursor.hash;
    const voted = this.#votes.get(lane)?.get(height);
    return voted?.incarnation === incarnation ? voted.hash : undefined;
  }

  #wait(block: ProposedBlock): void {
    let waiting = this.#waiting.get(block.header.lane);
    if (waiting === undefined) {
      waiting = new Map();
      this.#waiting.set(block.header.lane, waiting);
    }
    if (waiting.size < this.#context.limits.waitingProposals) waiting.set(block.header.height, block);
  }
}

function recordOf(block: ProposedBlock): VoteRecord {
  const { lane, height, incarnation } = block.header;
  return { lane, height, incarnation, hash: block.hash };
}

function equivocation(first: SignedHeader, second: ProposedBlock): Evidence {
  return {
    kind: EVIDENCE_KIND.headerEquivocation,
    first: encodeSignedHeader(first),
    second: encodeSignedHeader({ header: second.header, signature: second.signature }),
  };
}
