import { equalBytes } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import type { Result } from '@iotw/kernel/result';
import type { EngineClient } from '@iotw/nodes/engine/engine';
import type { Failpoints } from '../failpoints/failpoints.js';
import { CometCommits } from './comet-commits.js';
import { CometEngine, type RetainPlan } from './comet-engine.js';
import { CometHost, type CometPlace, IDLE_MS, type OwnKeys } from './comet-host.js';
import { chainIdOf } from './home.js';
import type { SnapshotFiles } from './snapshot-files.js';

export interface CometOptions extends Omit<CometPlace, keyof OwnKeys> {
  /** Where the engine's writes are read from. */
  readonly store: Pick<Store, 'get'>;
  /** As the ledger lists them after the last round. */
  readonly own: () => OwnKeys;
  /** The last durable round replaced this server's key: the height behind it may still need the old one. */
  readonly justRotated: boolean;
  /** Last height that the durable rounds stand for; see readHeight. */
  readonly height: number;
  /** What this server gives to those that join; none where it is left out. */
  readonly snapshots?: Pick<SnapshotFiles, 'list' | 'chunk'> | undefined;
  readonly failpoints?: Failpoints | undefined;
  /** Which blocks CometBFT may let go; it keeps all where this is left out. */
  readonly retain?: RetainPlan | undefined;
}

/**
 * A ledger server's CometBFT: the engine, the ABCI socket and the process. A key that a round lists votes from the height
 * after the next on: the process is started again with it when the next is committed.
 */
export class CometNode {
  readonly engine: CometEngine;
  /** What proves the rounds. */
  readonly commits: CometCommits;
  readonly #host: CometHost;
  readonly #options: CometOptions;
  /** As the last committed height left them. */
  #listed: OwnKeys;
  /** The key that the process votes with; undefined: what a start before has left in its home. */
  #voting: Uint8Array | undefined;
  #restarting = false;
  #stopped = false;

  constructor(client: EngineClient, options: CometOptions, settle: () => void) {
    const { network, origin, height, onFault, failpoints, snapshots, retain } = options;
    this.engine = new CometEngine(client, {
      chainId: chainIdOf(network, origin),
      height,
      idleMs: IDLE_MS,
      settle,
      onFault,
      failpoints,
      snapshots,
      retain,
      onCommitted: () => this.#committed(),
    });
    this.#options = options;
    this.#listed = options.own();
    this.#voting = options.justRotated ? undefined : this.#listed.keys.publicKey;
    this.#host = new CometHost(this.engine, { ...options, ...this.#listed });
    this.commits = new CometCommits({
      store: options.store,
      originRound: origin.round,
      height: () => this.engine.height,
      socket: () => this.#host.rpcSocket,
    });
  }

  /** Errors: those of CometHost.start. */
  start(): Promise<Result<void>> {
    return this.#host.start({ keepValidatorKey: this.#options.justRotated });
  }

  #committed(): void {
    this.commits.committed();
    const due = this.#listed;
    this.#listed = this.#options.own();
    const votes = this.#voting !== undefined && equalBytes(due.keys.publicKey, this.#voting);
    if (votes || this.#restarting || this.#stopped) return;
    this.#voting = due.keys.publicKey;
    this.#restarting = true;
    void this.#host.restart(due).then(() => {
      this.#restarting = false;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.engine.stop();
    await this.#host.stop();
  }
}
