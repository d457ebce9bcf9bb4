import { seedAlpha } from '@iotw/assignment/seed';
import { equalBytes } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import { vrfProve } from '@iotw/kernel/vrf';
import type { Ledger } from '@iotw/ledger/ledger';
import type { PreparedBlock } from '@iotw/ledger/round-outcome';
import { MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import {
  type EpochVote,
  epochVoteDigest,
  type LaneReset,
  laneResetDigest,
  type Misbehaviour,
  RESET_REASON,
  type RoundInput,
} from '@iotw/protocol/round';
import { misbehavioursDue } from '../engine/agreed.js';
import type { BeaconRole } from './beacon-role.js';
import type { LedgerServerLimits } from './limits.js';
import type { WaitingBlocks } from './prepared-blocks.js';

export interface RoundOfferOptions {
  readonly index: number;
  readonly vrfKeys: KeyPair;
  readonly ledger: Ledger;
  readonly checker: SignatureChecker;
  readonly waiting: WaitingBlocks;
  readonly beacon: BeaconRole | undefined;
  readonly limits: Pick<LedgerServerLimits, 'voteLingerMs' | 'maxRoundBytes'>;
}

/** What a ledger server would have ordered next: waiting blocks, resets, epoch votes, words of a ceremony, the seed proof. */
export class RoundOffer {
  readonly #options: RoundOfferOptions;
  readonly #ledger: Ledger;
  readonly #resets = new Map<number, LaneReset>();
  readonly #epochVotes = new Map<number, EpochVote>();
  #voteSinceMs: number | undefined;
  #seedProof: { readonly epoch: number; readonly proof: Uint8Array } | undefined;
  /** Things the ledger would have refused, left out since the start. */
  refused = 0;

  constructor(options: RoundOfferOptions) {
    this.#options = options;
    this.#ledger = options.ledger;
  }

  /**
   * A lane's own reset. Judged at once: a round is refused whole for a bad one, which would displace the resets of
   * others until it is found.
   */
  addReset(reset: LaneReset): void {
    const { lane, incarnation, reason, signature } = reset;
    const { ledger, checker } = this.#options;
    const running = ledger.lanes.read(lane)?.incarnation;
    const digest = laneResetDigest(ledger.network, reset);
    if (
      running === undefined ||
      incarnation < running ||
      reason !== RESET_REASON.lane ||
      !checker.verify(signature, digest, ledger.trustNodes.key(lane))
    ) {
      this.refused += 1;
      return;
    }
    this.#resets.set(lane, reset);
  }

  addEpochVote(vote: EpochVote, nowMs: number): void {
    if (vote.epoch !== this.#ledger.epoch) return;
    if (!this.#isGood(vote)) {
      this.refused += 1;
      return;
    }
    this.#epochVotes.set(vote.witness, vote);
    this.#voteSinceMs ??= nowMs;
  }

  /** Whether the vote is the witness' first and for this ledger's own snapshot: any other takes up room in a round for nothing. */
  #isGood(vote: EpochVote): boolean {
    const { ledger, checker } = this.#options;
    const snapshot = ledger.snapshotOf(vote.epoch);
    return (
      snapshot !== undefined &&
      vote.witness < ledger.trustNodes.rows &&
      !ledger.epochs.hasVoted(vote.epoch, vote.witness) &&
      equalBytes(vote.seed, snapshot.seed) &&
      equalBytes(vote.poolRoot, snapshot.root) &&
      checker.verify(
        vote.signature,
        epochVoteDigest(ledger.network, vote),
        ledger.trustNodes.key(vote.witness),
      )
    );
  }

  /** The designated server's proof for the next epoch; one for another is not needed. */
  addProof(epoch: number, proof: Uint8Array): void {
    if (epoch === this.#ledger.epoch + 1) this.#seedProof = { epoch, proof };
  }

  /** See LedgerServer.buildRound. */
  build(nowMs: number, proven: readonly Misbehaviour[]): RoundInput | undefined {
    if (!this.#ledger.checkVersion().ok) return undefined;
    const timeMs = Math.max(nowMs, this.#ledger.timeMs);
    const seedProof = this.proofFor(timeMs);
    const resets = [...this.#resets.values()].sort((a, b) => a.lane - b.lane);
    const epochVotes = [...this.#epochVotes.values()].sort((a, b) => a.witness - b.witness);
    const blocks = this.#pickBlocks(new Set(resets.map((reset) => reset.lane)));
    const votesDue =
      this.#voteSinceMs !== undefined && nowMs - this.#voteSinceMs >= this.#options.limits.voteLingerMs;
    const beacon = this.#options.beacon?.messages() ?? [];
    const ceremony = beacon.length > 0 || this.#ledger.ceremonyDue(timeMs);
    const misbehaviours = misbehavioursDue(this.#ledger, proven, timeMs);
    const due = votesDue || ceremony || misbehaviours.length > 0;
    if (blocks.length === 0 && seedProof.length === 0 && resets.length === 0 && !due) {
      return undefined;
    }
    const input: RoundInput = {
      number: this.#ledger.round + 1,
      timeMs,
      seedProof,
      resets,
      epochVotes,
      beacon,
      blocks: [],
      misbehaviours,
    };
    return this.#withoutRefused(input, blocks);
  }

  /** Leaves out what the ledger would refuse; each pass drops at least one item, so it ends. */
  #withoutRefused(start: RoundInput, start_blocks: PreparedBlock[]): RoundInput | undefined {
    let input = start;
    let blocks = start_blocks;
    for (;;) {
      const candidate = { ...input, blocks: blocks.map((prepared) => prepared.block) };
      const verdict = this.#ledger.validateRound(candidate, blocks);
      if (verdict.ok) return candidate;
      this.refused += 1;
      const at = verdict.error.data ?? {};
      const { lane, height } = at as { lane?: number; height?: number };
      if (lane !== undefined && height !== undefined) {
        this.#options.waiting.drop(lane, height);
        blocks = blocks.filter(({ block }) => block.header.lane !== lane || block.header.height < height);
      } else if (input.resets.length > 0) {
        this.#resets.clear();
        input = { ...input, resets: [] };
      } else if (input.epochVotes.length > 0) {
        this.#epochVotes.clear();
        this.#voteSinceMs = undefined;
        input = { ...input, epochVotes: [] };
      } else if (input.seedProof.length > 0) {
        this.#seedProof = undefined;
        input = { ...input, seedProof: new Uint8Array(0) };
      } else return undefined;
      const { resets, epochVotes, seedProof, beacon, misbehaviours } = input;
      const lists = [blocks, resets, epochVotes, seedProof, beacon, misbehaviours];
      if (lists.every(({ length }) => length === 0)) return undefined;
    }
  }

  #pickBlocks(resetLanes: ReadonlySet<number>): PreparedBlock[] {
    const picked: PreparedBlock[] = [];
    let bytes = 0;
    const lanes = this.#ledger.lanes.rows;
    const next = Array.from({ length: lanes }, (_, lane) => this.#ledger.lanes.read(lane)!.height + 1);
    for (let any = true; any; ) {
      any = false;
      for (let lane = 0; lane < lanes; lane++) {
        if (resetLanes.has(lane)) continue;
        const prepared = this.#options.waiting.get(lane, next[lane]!);
        if (prepared === undefined) continue;
        bytes += prepared.block.body.length;
        if (
          picked.length >= MAX_ROUND_BLOCKS ||
          (picked.length > 0 && bytes > this.#options.limits.maxRoundBytes)
        )
          return picked;
        picked.push(prepared);
        next[lane]! += 1;
        any = true;
      }
    }
    return picked;
  }

  /** What opens the next epoch, where it is due and known; made here where this server can. */
  proofFor(timeMs: number): Uint8Array {
    if (!this.#ledger.epochDue(timeMs)) return new Uint8Array(0);
    const { epoch, previousSeed, server, source } = this.#ledger.nextSeed();
    if (source === 'threshold') return this.#options.beacon?.proof() ?? new Uint8Array(0);
    if (source === 'public') return this.#ledger.beacon.emergencyValue ?? new Uint8Array(0);
    if (this.#seedProof?.epoch !== epoch) {
      const { index, vrfKeys } = this.#options;
      if (server !== index) return new Uint8Array(0);
      this.#seedProof = {
        epoch,
        proof: vrfProve(vrfKeys.secretKey, seedAlpha(this.#ledger.network, previousSeed, epoch)),
      };
    }
    return this.#seedProof?.proof ?? new Uint8Array(0);
  }

  /**
   * Asks for the reset of lanes that made no progress for the network's number of rounds though blocks above
   * their next one are here: what lies between is lost.
   */
  resetStalled(): void {
    const { waiting } = this.#options;
    for (const lane of waiting.lanes()) {
      const { incarnation, height, progressRound } = this.#ledger.lanes.read(lane)!;
      const quiet = this.#ledger.round - progressRound;
      if (quiet < this.#ledger.parameters.stallRounds || this.#resets.has(lane)) continue;
      if (waiting.get(lane, height + 1) !== undefined) continue;
      const signature = new Uint8Array(64);
      this.#resets.set(lane, { lane, incarnation, reason: RESET_REASON.stalled, signature });
    }
  }

  /** What a round ordered no longer waits, nor what is out of date after it. */
  forget(input: RoundInput): void {
    for (const reset of input.resets) this.#resets.delete(reset.lane);
    for (const vote of input.epochVotes) this.#epochVotes.delete(vote.witness);
    for (const [witness, vote] of this.#epochVotes)
      if (vote.epoch !== this.#ledger.epoch) this.#epochVotes.delete(witness);
    if (this.#epochVotes.size === 0) this.#voteSinceMs = undefined;
    if (this.#seedProof !== undefined && this.#seedProof.epoch <= this.#ledger.epoch)
      this.#seedProof = undefined;
  }
}
