import { committeeSize, excludedHost } from '@iotw/assignment/committee';
import { RankedDraw } from '@iotw/assignment/draw';
import { equalBytes, writeU32 } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import type { Assigned } from '@iotw/protocol/assigned';
import { type BlockBody, bodyCount } from '@iotw/protocol/body';
import {
  CERTIFICATE_MODE,
  type CertifiedBlock,
  type IncoherentAttempt,
  type Vote,
  voteDigest,
} from '@iotw/protocol/certificate';
import { type BlockHeader, blockHash } from '@iotw/protocol/header';
import { MAX_BLOCK_TRANSACTIONS, MAX_BODY_BYTES, MAX_INCOHERENT_ATTEMPTS } from '@iotw/protocol/limits';
import { rootOfIds } from '../block-root.js';
import { newSubmission, type Submission } from '../intake/submission.js';
import type { ProposedBlock } from '../messages.js';
import { Attempt } from './attempt.js';
import type { TrustNodeContext } from './context.js';
import type { LaneQueue } from './lane-queue.js';

/** How a block's running attempt is assigned, where the epoch names assigners. */
interface Assigning {
  readonly attempt: number;
  readonly askedMs: number;
  readonly assigner: number;
  /** Signed, or given up: the lane's trust node assigns itself. */
  settled: boolean;
}

/** A block of this lane above its cursor, on its way to a certificate and the ledger. */
export interface InFlight {
  /** Its signature is another one after the node's key was rotated; nothing else of it ever changes. */
  block: ProposedBlock;
  /** Whose transactions these are, in block order. */
  readonly submissions: readonly Submission[];
  readonly indices: Uint16Array;
  /** Header and body are on disk: only then may anyone see them. */
  durable: boolean;
  attempt: Attempt;
  /** Trust nodes whose votes count in the block's epoch. */
  readonly voters: ReadonlySet<number>;
  readonly votes: Map<number, Vote>;
  readonly incoherent: IncoherentAttempt[];
  /** Statements of assigners, ascending by attempt, and how the running attempt is assigned. */
  readonly assigned: Assigned[];
  assigning: Assigning | undefined;
  certified: CertifiedBlock | undefined;
  /** When it was handed to the ledger servers first. */
  certifiedMs: number;
  lastSentMs: number;
}

/** What one block takes off the queue, in block order. */
export interface Taken {
  readonly body: BlockBody;
  readonly submissions: Submission[];
  readonly indices: Uint16Array;
  readonly ids: Uint8Array;
}

/** Takes up to a block's worth of transactions off the queue. */
export function takeBlock(queue: LaneQueue, target: number): Taken {
  const limit = Math.min(target, MAX_BLOCK_TRANSACTIONS, queue.pending);
  const submissions: Submission[] = [];
  const indices = new Uint16Array(limit);
  let bytes = 0;
  while (submissions.length < limit) {
    const next = queue.headBytes() + 4;
    if (submissions.length > 0 && bytes + next > MAX_BODY_BYTES) break;
    bytes += next;
    indices[submissions.length] = queue.headIndex();
    submissions.push(queue.take());
  }
  return copyOut(submissions, indices.subarray(0, submissions.length), bytes);
}

/** Body and ids, copied in stretches: neighbours of one run lie beside each other there, too. */
function copyOut(submissions: Submission[], indices: Uint16Array, size: number): Taken {
  const count = submissions.length;
  const bytes = new Uint8Array(size);
  const offsets = new Uint32Array(count + 1);
  const ids = new Uint8Array(32 * count);
  let at = 4 * count;
  for (let from = 0; from < count; ) {
    const submission = submissions[from]!;
    let to = from + 1;
    while (to < count && submissions[to] === submission && indices[to] === indices[to - 1]! + 1) to++;
    const { run } = submission;
    const first = indices[from]!;
    const start = run.offsets[first]!;
    for (let i = from; i < to; i++) {
      offsets[i] = at + run.offsets[indices[i]!]! - start;
      writeU32(bytes, 4 * i, offsets[i]!);
    }
    const stop = run.offsets[first + to - from]!;
    bytes.set(run.bytes.subarray(start, stop), at);
    ids.set(submission.ids.subarray(32 * first, 32 * (first + to - from)), 32 * from);
    at += stop - start;
    from = to;
  }
  offsets[count] = at;
  return { body: { bytes, offsets }, submissions, indices, ids };
}

export function proposeBlock(
  context: TrustNodeContext,
  taken: Taken,
  position: Pick<BlockHeader, 'incarnation' | 'height' | 'previous'>,
  nowMs: number,
): ProposedBlock {
  const count = taken.submissions.length;
  const header: BlockHeader = {
    lane: context.index,
    ...position,
    root: rootOfIds(taken.ids),
    count,
    timeMs: nowMs,
    epoch: context.view.epoch,
    refRound: context.view.round,
  };
  const hash = blockHash(context.network, header);
  const signature = sign(hash, context.keys.secretKey);
  context.checker.markValid(signature, hash, context.keys.publicKey);
  return { header, signature, hash, body: taken.body, ids: taken.ids };
}

/** The attempt `number` of a block; `undefined` where its epoch's pool is no longer known. */
export function newAttempt(
  context: TrustNodeContext,
  header: BlockHeader,
  number: number,
): Attempt | undefined {
  const snapshot = context.view.snapshot(header.epoch);
  if (snapshot === undefined) return undefined;
  const { parameters, trustNodes } = snapshot;
  const size = committeeSize(parameters);
  return new Attempt({
    draw: new RankedDraw(snapshot, context.network, header.lane, header.height, {
      committeeSize: size,
      excludeHost: excludedHost(header.lane, trustNodes.length),
    }),
    attempt: number,
    ranksPerAttempt: parameters.ranksPerAttempt,
    committeeSize: size,
    userSeats: snapshot.parameters.userSeats,
    removed: (device) => context.view.removed(device, header.refRound),
  });
}

/** Trust nodes whose votes count in an epoch; nobody's where its snapshot is no longer known. */
export function votersOf(context: TrustNodeContext, epoch: number): ReadonlySet<number> {
  return new Set(context.view.snapshot(epoch)?.trustNodes.map(({ index }) => index));
}

/** A block from the disk, taken up where it was: whoever submitted its transactions is not waiting any more. */
export function restoredBlock(block: ProposedBlock, attempt: Attempt, voters: ReadonlySet<number>): InFlight {
  const count = bodyCount(block.body);
  const submission = newSubmission({ bytes: block.body.bytes, offsets: block.body.offsets }, undefined);
  submission.ids = block.ids;
  return {
    block,
    submissions: new Array(count).fill(submission),
    indices: Uint16Array.from({ length: count }, (_, i) => i),
    durable: true,
    attempt,
    voters,
    votes: new Map(),
    incoherent: [],
    assigned: [],
    assigning: undefined,
    certified: undefined,
    certifiedMs: 0,
    lastSentMs: Number.NEGATIVE_INFINITY,
  };
}

/** The lane's own trust node votes for its blocks like any other. */
export function ownVote(context: TrustNodeContext, { header, hash }: ProposedBlock): Vote {
  const { network, index, keys, checker } = context;
  const { lane, incarnation, height } = header;
  const content = { lane, incarnation, height, hash, witness: index };
  const digest = voteDigest(network, content);
  const signature = sign(digest, keys.secretKey);
  checker.markValid(signature, digest, keys.publicKey);
  return { ...content, signature };
}

/** Whether another trust node's vote is new, for this very block, and good. */
export function takeVote({ network, checker, view }: TrustNodeContext, block: InFlight, vote: Vote): boolean {
  const key = view.trustKeys[vote.witness];
  if (key === undefined || block.votes.has(vote.witness) || !block.voters.has(vote.witness)) return false;
  if (!equalBytes(vote.hash, block.block.hash)) return false;
  if (!checker.verify(vote.signature, voteDigest(network, vote), key)) return false;
  block.votes.set(vote.witness, vote);
  return true;
}

/**
 * Whether only a reset gets the lane past the block: its epoch is over, or nobody is left to ask for it and it has
 * no certificate, or since `certifiedBeforeMs` one by trust nodes alone, which the ledger takes for a share of a
 * lane's blocks only (clause 9.5). Formed again it is a block that the same devices are asked for anew.
 */
export function isStuck(
  { block, attempt, incoherent, certified, certifiedMs }: InFlight,
  epoch: number,
  certifiedBeforeMs: number,
): boolean {
  if (block.header.epoch + 1 < epoch) return true;
  const exhausted = incoherent.length >= MAX_INCOHERENT_ATTEMPTS;
  if (certified === undefined) return exhausted && attempt.state() !== 'waiting';
  if (certified.certificate.mode !== CERTIFICATE_MODE.allMissed) return false;
  return (exhausted || attempt.listEnds) && certifiedMs <= certifiedBeforeMs;
}

/** The block with the certificate that its attempt and votes make. */
export function certifiedBlock(block: InFlight, state: 'enough' | 'missed' | 'empty'): CertifiedBlock {
  const { attempt } = block;
  // A list that ran out after earlier attempts is a list whose last attempt everybody missed.
  const mode =
    state === 'enough'
      ? CERTIFICATE_MODE.devices
      : state === 'empty' && attempt.number === 0 && attempt.listEnds
        ? CERTIFICATE_MODE.noDevices
        : CERTIFICATE_MODE.allMissed;
  return {
    header: block.block.header,
    signature: block.block.signature,
    body: block.block.body.bytes,
    certificate: {
      attempt: attempt.number,
      mode,
      attestations: attempt.answers,
      misses: [...attempt.misses, ...attempt.softMisses],
      thresholdMisses: attempt.thresholdMisses,
      votes: [...block.votes.values()].sort((a, b) => a.witness - b.witness),
      incoherent: block.incoherent,
      assigned: mode === CERTIFICATE_MODE.noDevices ? [] : [...block.assigned],
    },
  };
}
