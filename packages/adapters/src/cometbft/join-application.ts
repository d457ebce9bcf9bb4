import type { Write } from '@iotw/kernel/ports/store';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import type { SnapshotReceiver } from '@iotw/nodes/state-sync/snapshot-receiver';
import type * as abci from 'cosmjs-types/tendermint/abci/types';
import {
  ResponseApplySnapshotChunk_Result as ChunkResult,
  ResponseOfferSnapshot_Result as OfferResult,
  ResponseQuery,
} from 'cosmjs-types/tendermint/abci/types';
import type { AbciApplication } from './abci-application.js';
import { applicationInfo } from './application-info.js';
import { heightWrite } from './position.js';

export interface JoinOptions {
  readonly receiver: SnapshotReceiver;
  /** Makes the received state the stored one, in one commit with the height. */
  readonly store: (writes: readonly Write[]) => Promise<Result<void>>;
  /** A state is stored. */
  readonly onStored: (round: number, height: number) => void;
  /** CometBFT goes on from the stored state: its first block behind it is on its disk. */
  readonly onFollowed: () => void;
  /** A snapshot or a chunk was refused. */
  readonly onFault: (fault: Failure) => void;
}

/** An application without a state. */
const NOTHING = { height: 0, hash: new Uint8Array(0) };

/** How CometBFT is told what became of an offer; the rest is no fault of who sent it. */
const REFUSED_OFFER: Readonly<Record<string, OfferResult>> = {
  'state-sync-format': OfferResult.REJECT_FORMAT,
  'state-sync-metadata': OfferResult.REJECT_SENDER,
  'state-sync-network': OfferResult.REJECT_SENDER,
  'state-sync-chunks': OfferResult.REJECT_SENDER,
};

/**
 * What CometBFT meets while a server joins by state sync: an application without a state, until a snapshot is stored. Then the
 * first block behind it comes, which is not answered: CometBFT has it on its disk, and the ledger server starts on the state.
 */
export class JoinApplication implements AbciApplication {
  readonly #options: JoinOptions;
  #stood: { readonly height: number; readonly hash: Uint8Array } | undefined;

  constructor(options: JoinOptions) {
    this.#options = options;
  }

  async info(request: abci.RequestInfo): Promise<Result<abci.ResponseInfo>> {
    return applicationInfo(request, this.#stood ?? NOTHING);
  }

  async offerSnapshot({
    snapshot,
    appHash,
  }: abci.RequestOfferSnapshot): Promise<Result<abci.ResponseOfferSnapshot>> {
    if (snapshot === undefined) return ok({ result: OfferResult.REJECT });
    const offer = { ...snapshot, height: Number(snapshot.height) };
    const taken = this.#options.receiver.offer(offer, appHash);
    if (taken.ok) return ok({ result: OfferResult.ACCEPT });
    this.#options.onFault(taken.error);
    return ok({ result: REFUSED_OFFER[taken.error.code] ?? OfferResult.REJECT });
  }

  async applySnapshotChunk({
    index,
    chunk,
    sender,
  }: abci.RequestApplySnapshotChunk): Promise<Result<abci.ResponseApplySnapshotChunk>> {
    const taken = this.#options.receiver.chunk(index, chunk);
    if (!taken.ok) {
      this.#options.onFault(taken.error);
      return ok(refusedChunk(taken.error.code, index, sender));
    }
    if (taken.value !== undefined) {
      const { round, height, hash, writes } = taken.value;
      const stored = await this.#options.store([...writes, heightWrite(height)]);
      if (!stored.ok) return stored;
      this.#stood = { height, hash };
      this.#options.onStored(round, height);
    }
    return ok({ result: ChunkResult.ACCEPT, refetchChunks: [], rejectSenders: [] });
  }

  /** Never answered: this application is closed, and the ledger server gets the block again. */
  finalizeBlock(): Promise<Result<never>> {
    if (this.#stood === undefined) return early();
    this.#options.onFollowed();
    return new Promise(() => {});
  }

  async query(): Promise<Result<abci.ResponseQuery>> {
    return ok(ResponseQuery.fromPartial({ code: 1, log: 'this server joins by state sync' }));
  }

  async listSnapshots(): Promise<Result<abci.ResponseListSnapshots>> {
    return ok({ snapshots: [] });
  }

  async loadSnapshotChunk(): Promise<Result<abci.ResponseLoadSnapshotChunk>> {
    return ok({ chunk: new Uint8Array(0) });
  }

  initChain = early;
  checkTx = early;
  prepareProposal = early;
  processProposal = early;
  extendVote = early;
  verifyVoteExtension = early;
  commit = early;
}

/** CometBFT asks for none of these before it has fetched the blocks behind the snapshot. */
function early(): Promise<Result<never>> {
  return Promise.resolve(
    fail('state-sync-early', 'CometBFT goes on and no state is stored: it starts again.'),
  );
}

function refusedChunk(code: string, index: number, sender: string): abci.ResponseApplySnapshotChunk {
  if (code === 'state-sync-chunk')
    return { result: ChunkResult.RETRY, refetchChunks: [index], rejectSenders: [sender] };
  return { result: ChunkResult.REJECT_SNAPSHOT, refetchChunks: [], rejectSenders: [] };
}
