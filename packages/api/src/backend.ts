import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import type { Result } from '@iotw/kernel/result';
import type { Ledger } from '@iotw/ledger/ledger';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import type { StoredHistory } from '@iotw/nodes/ledger-server/stored-history';
import type { Genesis } from '@iotw/protocol/genesis';
import type { LightBlock } from '@iotw/protocol/light-block';

/** How far a client waits: for the node's word, a certificate, or the durable ledger. */
export type WaitFor = 'accepted' | 'certified' | 'final';

/** What became of a run of transactions, in their order. */
export interface SubmitOutcome {
  readonly count: number;
  /** 32 bytes each; empty where the run was only accepted. */
  readonly ids: Uint8Array;
  /** Result codes (protocol/result) or codes of the entrance (nodes/intake); 0xffff = not decided yet. */
  readonly codes: Uint16Array;
}

export interface NodeStatus {
  readonly roles: readonly string[];
  readonly ready: boolean;
  readonly trustNodes: readonly {
    readonly index: number;
    readonly devicesConnected: number;
    readonly blocksInFlight: number;
    readonly pending: number;
    readonly relayed: number;
    readonly answered: number;
    readonly missed: number;
  }[];
  /** Transactions being verified or waiting for it. */
  readonly verifying: number;
  readonly peers: readonly { readonly peer: string; readonly up: boolean }[];
  /** Durable commits since the start, and ms that were spent waiting for them. */
  readonly commits: { readonly commits: number; readonly waitedMs: number };
}

/** The engine's commits, where several ledger servers order: that of the height after a round's proves it (spec: clause 9.15). */
export interface CommitSource {
  /** The last height with a commit. */
  readonly height: number;
  /** The height that holds a round; 0: it was ordered before CometBFT, by one server; undefined: this server can't tell. */
  heightOf(round: number): number | undefined;
  /** Errors: `commit-not-found`, `cometbft-rpc`. */
  lightBlock(height: number): Promise<Result<LightBlock>>;
  /** Called after each height. Returns how to stop listening. */
  onHeight(listener: () => void): () => void;
}

/** The node behind the API server. Implemented by runtime/node-process. */
export interface Backend {
  readonly network: Uint8Array;
  readonly genesis: Genesis;
  readonly ledger: Ledger;
  /** Errors: `intake-full`, `node-stopping`. A run may be partly refused: see the codes. */
  submit(run: VerifyRun, waitFor: WaitFor): Promise<Result<SubmitOutcome>>;
  /**
   * `first`: number of the first round on disk, or of the next one where there is none: those before it were pruned, or never
   * fetched. `left`: rounds beyond the node's horizon that are still to go.
   */
  readonly kept: { readonly first: number; readonly left: number };
  /** Rounds and ended epochs from disk. */
  readonly history: StoredHistory;
  /** Undefined: one ledger server orders, and its signature proves a round. */
  readonly engineCommits: CommitSource | undefined;
  /** Called after each round is durable and applied, in order. Returns how to stop listening. */
  onRound(listener: (record: RoundRecord) => void): () => void;
  status(): NodeStatus;
}
