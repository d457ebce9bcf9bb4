import { assert } from '@iotw/kernel/assert';
import { equalBytes, utf8 } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import type { Agreed, AppliedRound, Engine, EngineClient } from '@iotw/nodes/engine/engine';
import type { RoundInput } from '@iotw/protocol/round';
import type * as abci from 'cosmjs-types/tendermint/abci/types';
import {
  ExecTxResult,
  ResponseApplySnapshotChunk_Result,
  ResponseCheckTx,
  ResponseFinalizeBlock,
  ResponseInitChain,
  ResponseOfferSnapshot_Result,
  ResponseQuery,
  ResponseProcessProposal_ProposalStatus as Status,
  ResponseVerifyVoteExtension_VerifyStatus as VoteStatus,
} from 'cosmjs-types/tendermint/abci/types';
import type { Failpoints } from '../failpoints/failpoints.js';
import type { AbciApplication } from './abci-application.js';
import { applicationInfo } from './application-info.js';
import { heightWrite, retainWrite, roundHeightWrite } from './position.js';
import { RoundCodec, timeMsOf } from './round-codec.js';
import type { SnapshotFiles } from './snapshot-files.js';
import { actsOf, serverOf, updatesOf, validatorsOf } from './voters.js';

export interface CometEngineOptions {
  /** Name of the chain in CometBFT's genesis: stands for the network. */
  readonly chainId: string;
  /** The height that the client's durable round stands for; see readHeight. */
  readonly height: number;
  /** Longest wait for something to propose before an empty block goes out, ms. */
  readonly idleMs: number;
  /** This server's clock, ms; the system's where it is left out. Only how long a proposal is held depends on it. */
  readonly nowMs?: () => number;
  /** After each call that came from CometBFT: what the client's machines said is delivered. */
  readonly settle: () => void;
  /** A height is committed, with a round in it or without. */
  readonly onCommitted?: () => void;
  /** Worth a line in the log: a proposal that was refused, for one. */
  readonly onFault: (fault: Failure) => void;
  readonly failpoints?: Failpoints | undefined;
  /** What this server gives to those that join by state sync. */
  readonly snapshots?: Pick<SnapshotFiles, 'list' | 'chunk'> | undefined;
  /** Which blocks CometBFT may let go; it keeps all where this is left out. */
  readonly retain?: RetainPlan | undefined;
}

export interface RetainPlan {
  /** What it was told last; see readRetain. */
  readonly told: number;
  /** The least height that is still needed; 0: all are. */
  readonly needed: () => number;
}

/** CometBFT deletes blocks before it goes on (0.38, `state/execution.go`, Commit and pruneBlocks): a few with each height. */
const RETAIN_STEP = 50;

/** Heights without a round that may pass before the height is made durable all the same. */
const KEEP_HEIGHTS = 100;

/**
 * A height whose agreed time is older than this by the own clock was decided without this server, or the network has
 * stood still: nothing is waited for. CometBFT takes no block of the others while it waits for an answer; a server that
 * held its proposals on the way back would come no faster than an idle network goes on.
 */
const BEHIND_MS = 1_000;

/** A vote carries at most this much of a server's own; more: the vote does not count. */
const MAX_EXTENSION_BYTES = 1_024;

/** The last block that FinalizeBlock brought. A CometBFT that was restarted asks for both answers again. */
interface Finalized {
  readonly height: number;
  readonly blockHash: Uint8Array;
  readonly answer: Promise<Result<abci.ResponseFinalizeBlock>>;
  /** What it holds, once that is applied. */
  round: AppliedRound | undefined;
  /** Commit, once it was asked for; then whether it is done. */
  commit: Promise<void> | undefined;
  committed: boolean;
}

/** PrepareProposal that waits for something to propose. */
interface Held {
  readonly agreed: Agreed;
  readonly maxBytes: number;
  readonly answer: (txs: Uint8Array[]) => void;
}

/**
 * The engine over ABCI 2.0: CometBFT orders, the client is asked and told. A round is applied in FinalizeBlock, as
 * its hash is the answer, and made durable in Commit, in one commit with its height: CometBFT has the answer on disk
 * before it calls Commit, so whatever dies in between, Info's height and CometBFT's store fit together.
 */
export class CometEngine implements Engine, AbciApplication {
  readonly #client: EngineClient;
  readonly #options: CometEngineOptions;
  readonly #codec = new RoundCodec();
  /** The last committed height; and the last that is on disk here: blocks without a round need not be at once. */
  #height: number;
  #durableHeight: number;
  #finalized: Finalized | undefined;
  #held: Held | undefined;
  /** Blocks below this height CometBFT may let go, and what of it is on disk. */
  #retain: number;
  #durableRetain: number;
  #applied: ((round: AppliedRound) => void) | undefined;
  #persisted: (() => void) | undefined;
  #stopped = false;

  constructor(client: EngineClient, options: CometEngineOptions) {
    this.#client = client;
    this.#options = options;
    this.#height = options.height;
    this.#durableHeight = options.height;
    this.#retain = options.retain?.told ?? 0;
    this.#durableRetain = this.#retain;
  }

  poke(): void {
    if (this.#held === undefined || this.#stopped) return;
    const { agreed, maxBytes } = this.#held;
    const txs = this.#proposal(agreed, maxBytes);
    if (txs.length > 0) this.#held?.answer(txs);
  }

  applied(round: AppliedRound): void {
    assert(this.#applied !== undefined, `round ${round.number} was not decided here`);
    this.#applied(round);
  }

  persisted(number: number): void {
    assert(this.#persisted !== undefined, `round ${number} was not committed`);
    this.#persisted();
  }

  /** Proposes nothing more, votes for nothing more, applies nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#held?.answer([]);
  }

  /** Last height that was committed here. */
  get height(): number {
    return this.#height;
  }

  get idle(): boolean {
    return this.#applied === undefined && (this.#finalized?.round === undefined || this.#finalized.committed);
  }

  async info(request: abci.RequestInfo): Promise<Result<abci.ResponseInfo>> {
    return applicationInfo(request, { height: this.#height, hash: this.#client.durable.hash });
  }

  async initChain(request: abci.RequestInitChain): Promise<Result<abci.ResponseInitChain>> {
    const { chainId } = this.#options;
    if (request.chainId !== chainId) {
      return fail(
        'cometbft-chain',
        `CometBFT's genesis is of the chain ${request.chainId}, this ledger's is ${chainId}: remove its home, iotw writes it anew.`,
        { chainId: request.chainId },
      );
    }
    const { durable, voters } = this.#client;
    return ok(ResponseInitChain.fromPartial({ appHash: durable.hash, validators: validatorsOf(voters) }));
  }

  /** `/round`: hash of the last durable round. Whatever else is asked for: the API server has it. */
  async query(request: abci.RequestQuery): Promise<Result<abci.ResponseQuery>> {
    const height = BigInt(this.#height);
    if (request.path !== '/round') {
      return ok(ResponseQuery.fromPartial({ code: 1, log: 'only /round is answered here', height }));
    }
    const { number, hash } = this.#client.durable;
    return ok(ResponseQuery.fromPartial({ key: utf8(String(number)), value: hash, height }));
  }

  /** Nothing comes in through CometBFT: its mempool is `nop`. */
  async checkTx(): Promise<Result<abci.ResponseCheckTx>> {
    return ok(ResponseCheckTx.fromPartial({ code: 1, log: 'hand transactions to an API server' }));
  }

  async prepareProposal(request: abci.RequestPrepareProposal): Promise<Result<abci.ResponsePrepareProposal>> {
    this.#held?.answer([]);
    if (this.#stopped) return ok({ txs: [] });
    const agreed = this.#agreed(request);
    const maxBytes = Number(request.maxTxBytes);
    const txs = this.#proposal(agreed, maxBytes);
    if (txs.length > 0 || this.#behind(agreed.timeMs)) return ok({ txs });
    return new Promise((resolve) => {
      const answer = (found: Uint8Array[]): void => {
        clearTimeout(timer);
        this.#held = undefined;
        resolve(ok({ txs: found }));
      };
      const timer = setTimeout(() => answer([]), this.#options.idleMs);
      this.#held = { agreed, maxBytes, answer };
    });
  }

  #behind(timeMs: number): boolean {
    const { nowMs = Date.now } = this.#options;
    return nowMs() - timeMs > BEHIND_MS;
  }

  /** What CometBFT says of the block; of acts those whose doer a ledger server is or was. */
  #agreed({ time, misbehavior }: Pick<abci.RequestPrepareProposal, 'time' | 'misbehavior'>): Agreed {
    const misbehaviours = misbehavior.length === 0 ? [] : actsOf(this.#client.votedWith, misbehavior);
    return { timeMs: timeMsOf(time), misbehaviours };
  }

  #proposal(agreed: Agreed, maxBytes: number): Uint8Array[] {
    const input = this.#client.propose(agreed);
    if (input === undefined) return [];
    const bytes = this.#codec.encode(input);
    if (bytes.length <= maxBytes) return [bytes];
    this.#options.onFault({
      code: 'round-too-large',
      message: `Round ${input.number} has ${bytes.length} bytes and a block takes ${maxBytes}: the limits of ledger server and genesis do not fit together.`,
    });
    // An act that its block does not name is lost, and the others vote against such a block.
    return input.misbehaviours.length === 0 ? [] : [this.#codec.encode({ ...input, blocks: [] })];
  }

  async processProposal(request: abci.RequestProcessProposal): Promise<Result<abci.ResponseProcessProposal>> {
    const verdict = await this.#verdict(request);
    if (!verdict.ok) this.#options.onFault(verdict.error);
    return ok({ status: verdict.ok ? Status.ACCEPT : Status.REJECT });
  }

  async #verdict(request: abci.RequestProcessProposal): Promise<Result<void>> {
    const input = this.#codec.decode(request.txs);
    if (!input.ok) return input;
    return new Promise((resolve) => {
      this.#client.judge(input.value, this.#agreed(request), resolve);
      this.#options.settle();
    });
  }

  async extendVote(): Promise<Result<abci.ResponseExtendVote>> {
    return ok({ voteExtension: this.#stopped ? new Uint8Array(0) : this.#client.extension() });
  }

  async verifyVoteExtension(
    request: abci.RequestVerifyVoteExtension,
  ): Promise<Result<abci.ResponseVerifyVoteExtension>> {
    const { validatorAddress, voteExtension } = request;
    const server = serverOf(this.#client.voters, validatorAddress);
    // A server that has left votes for two more heights; its votes count there, what it says does not.
    const good =
      voteExtension.length === 0 ||
      (voteExtension.length <= MAX_EXTENSION_BYTES &&
        (server === undefined || this.#client.heard(server, Uint8Array.from(voteExtension))));
    this.#options.settle();
    return ok({ status: good ? VoteStatus.ACCEPT : VoteStatus.REJECT });
  }

  finalizeBlock(request: abci.RequestFinalizeBlock): Promise<Result<abci.ResponseFinalizeBlock>> {
    const height = Number(request.height);
    const before = this.#finalized;
    if (before?.height === height && equalBytes(before.blockHash, request.hash)) return before.answer;
    if (this.#stopped) return stopping();
    if (before?.committed === false || height !== this.#height + 1) return this.#outOfOrder(height);
    const input = this.#codec.decode(request.txs);
    if (!input.ok) return Promise.resolve(input);
    const answer = this.#apply(input.value);
    const blockHash = Uint8Array.from(request.hash);
    this.#finalized = { height, blockHash, answer, round: undefined, commit: undefined, committed: false };
    return answer;
  }

  async #apply(input: RoundInput | undefined): Promise<Result<abci.ResponseFinalizeBlock>> {
    if (input === undefined) {
      return ok(ResponseFinalizeBlock.fromPartial({ appHash: this.#client.durable.hash }));
    }
    const before = this.#client.voters;
    const round = await new Promise<AppliedRound>((resolve) => {
      this.#applied = resolve;
      this.#options.failpoints?.hit('engine-decide');
      this.#client.decide(input);
      this.#options.settle();
    });
    this.#options.failpoints?.hit('engine-decided');
    this.#applied = undefined;
    this.#finalized!.round = round;
    return ok(
      ResponseFinalizeBlock.fromPartial({
        appHash: round.hash,
        txResults: [ExecTxResult.fromPartial({})],
        validatorUpdates: updatesOf(before, this.#client.voters),
      }),
    );
  }

  #outOfOrder(height: number): Promise<Result<never>> {
    const expected = this.#finalized?.committed === false ? this.#finalized.height : this.#height + 1;
    return Promise.resolve(
      fail(
        'abci-order',
        `CometBFT decided height ${height}, this ledger waits for ${expected}: its home is of another time than the ledger. Restore both from one backup.`,
        { height, expected },
      ),
    );
  }

  async commit(): Promise<Result<abci.ResponseCommit>> {
    const finalized = this.#finalized;
    if (finalized === undefined || (this.#stopped && finalized.commit === undefined)) return stopping();
    finalized.commit ??= this.#commit(finalized);
    await finalized.commit;
    return ok({ retainHeight: BigInt(this.#retain) });
  }

  /** The height with what CometBFT is told to keep, a step further towards what is needed. */
  #positionWrites(height: number): Write[] {
    const writes = [heightWrite(height)];
    if (this.#retain === this.#durableRetain) return writes;
    this.#durableRetain = this.#retain;
    return [...writes, retainWrite(this.#retain)];
  }

  async #commit(finalized: Finalized): Promise<void> {
    const { height, round } = finalized;
    const needed = this.#options.retain?.needed() ?? 0;
    this.#retain = Math.max(this.#retain, Math.min(needed, this.#retain + RETAIN_STEP));
    if (round !== undefined) {
      await new Promise<void>((resolve) => {
        this.#persisted = resolve;
        round.persist([...this.#positionWrites(height), roundHeightWrite(round.number, height)]);
        this.#options.settle();
      });
      this.#options.failpoints?.hit('engine-applied');
      this.#persisted = undefined;
      this.#durableHeight = height;
    } else if (height - this.#durableHeight >= KEEP_HEIGHTS) {
      this.#durableHeight = height;
      this.#client.keep(this.#positionWrites(height));
      this.#options.settle();
    }
    this.#height = height;
    finalized.committed = true;
    this.#options.onCommitted?.();
  }

  async listSnapshots(): Promise<Result<abci.ResponseListSnapshots>> {
    const offers = this.#options.snapshots?.list() ?? [];
    return ok({ snapshots: offers.map((offer) => ({ ...offer, height: BigInt(offer.height) })) });
  }

  /** A server with a state takes none: it joins before its engine begins. */
  async offerSnapshot(): Promise<Result<abci.ResponseOfferSnapshot>> {
    return ok({ result: ResponseOfferSnapshot_Result.REJECT });
  }

  /** Read from disk; empty says that there is none. */
  async loadSnapshotChunk(
    request: abci.RequestLoadSnapshotChunk,
  ): Promise<Result<abci.ResponseLoadSnapshotChunk>> {
    const { height, format, chunk } = request;
    const found = await this.#options.snapshots?.chunk(Number(height), format, chunk);
    return ok({ chunk: found ?? new Uint8Array(0) });
  }

  async applySnapshotChunk(): Promise<Result<abci.ResponseApplySnapshotChunk>> {
    return ok({ result: ResponseApplySnapshotChunk_Result.ABORT, refetchChunks: [], rejectSenders: [] });
  }
}

function stopping(): Promise<Result<never>> {
  return Promise.resolve(fail('node-stopping', 'The node is stopping: CometBFT goes on after its restart.'));
}
