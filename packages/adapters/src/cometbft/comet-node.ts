import type { Result } from '@iotw/kernel/result';
import type { EngineClient } from '@iotw/nodes/engine/engine';
import type { Failpoints } from '../failpoints/failpoints.js';
import { CometEngine } from './comet-engine.js';
import { CometHost, type CometPlace, IDLE_MS } from './comet-host.js';
import { chainIdOf } from './home.js';
import type { SnapshotFiles } from './snapshot-files.js';

export interface CometOptions extends CometPlace {
  /** Last height that the durable rounds stand for; see readHeight. */
  readonly height: number;
  /** What this server gives to those that join; none where it is left out. */
  readonly snapshots?: Pick<SnapshotFiles, 'list' | 'chunk'> | undefined;
  readonly failpoints?: Failpoints | undefined;
}

/** A ledger server's CometBFT: the engine, the ABCI socket and the process. */
export class CometNode {
  readonly engine: CometEngine;
  readonly #host: CometHost;

  constructor(client: EngineClient, options: CometOptions, settle: () => void) {
    const { network, origin, height, onFault, failpoints, snapshots } = options;
    this.engine = new CometEngine(client, {
      chainId: chainIdOf(network, origin),
      height,
      idleMs: IDLE_MS,
      settle,
      onFault,
      failpoints,
      snapshots,
    });
    this.#host = new CometHost(this.engine, options);
  }

  /** Errors: those of CometHost.start. */
  start(): Promise<Result<void>> {
    return this.#host.start();
  }

  async stop(): Promise<void> {
    this.engine.stop();
    await this.#host.stop();
  }
}
