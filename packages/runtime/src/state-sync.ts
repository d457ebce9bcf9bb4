import type { CometPlace } from '@iotw/adapters/cometbft/comet-host';
import { joinByStateSync } from '@iotw/adapters/cometbft/comet-join';
import type { StateSyncPlan } from '@iotw/adapters/cometbft/home';
import { isJoining } from '@iotw/adapters/cometbft/position';
import { SnapshotFiles } from '@iotw/adapters/cometbft/snapshot-files';
import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import type { Store } from '@iotw/kernel/ports/store';
import { type Failure, ok, type Result } from '@iotw/kernel/result';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { StateShape } from '@iotw/ledger/state-shape';
import { genesisOrigin } from '@iotw/nodes/engine/origin';
import { holdsLedger, pageReader } from '@iotw/nodes/ledger-server/restore';
import { chunksOf } from '@iotw/nodes/state-sync/snapshot-chunks';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import type { RoundHeader } from '@iotw/protocol/round';
import { claimStore } from './restore-ledger.js';

/** Snapshots that a ledger server gives to those that join. */
export interface SnapshotPlan {
  readonly folder: string;
  /** The newest that stay; at least 1. */
  readonly keep: number;
  /** The first epoch that ends in each such span of agreed time makes one, ms: the same on every server. */
  readonly everyMs: number;
}

/** What joining and giving snapshots need of a process. */
export interface SyncOptions {
  readonly genesis: Genesis;
  readonly store: Store;
  readonly cometbft?:
    | (Pick<CometPlace, 'home' | 'file' | 'linkSeed' | 'listen' | 'peers' | 'rpc'> & {
        readonly stateSync?: StateSyncPlan | undefined;
        readonly snapshots?: SnapshotPlan | undefined;
      })
    | undefined;
  readonly failpoints?: Failpoints | undefined;
  readonly stop?: AbortSignal | undefined;
  readonly log?: (line: string, data: Readonly<Record<string, unknown>>) => void;
}

/**
 * A server without a ledger joins from a snapshot; one that has a ledger, or no trust options, does nothing. To be called before
 * the ledger is restored. Errors: `store-network`, those of joinByStateSync.
 */
export async function joinIfEmpty(
  { genesis, store, cometbft, failpoints, stop, log }: SyncOptions,
  { index, keys }: Pick<CometPlace, 'index' | 'keys'>,
): Promise<Result<void>> {
  const { stateSync } = cometbft ?? {};
  if (cometbft === undefined || stateSync === undefined) return ok(undefined);
  if (holdsLedger(store) && !isJoining(store)) return ok(undefined);
  const network = networkId(genesis);
  const claimed = await claimStore(store, network, (line) => log?.(line, {}));
  if (!claimed.ok) return claimed;
  const onFault = faultLog(log);
  return joinByStateSync({
    genesis,
    place: { ...cometbft, network, origin: genesisOrigin(genesis), index, keys, onFault },
    stateSync,
    store,
    log: (line) => log?.(line, {}),
    stop,
    failpoints,
  });
}

/** What makes the snapshots of this process, where it makes any. Errors: `state-sync-files`. */
export async function openSnapshots({
  genesis,
  store,
  cometbft,
  log,
}: SyncOptions): Promise<Result<SnapshotMaker | undefined>> {
  const plan = cometbft?.snapshots;
  return plan === undefined ? ok(undefined) : SnapshotMaker.open(plan, genesis, store, faultLog(log));
}

function faultLog(log: SyncOptions['log']): (fault: Failure) => void {
  return (fault) => log?.(`CometBFT: ${fault.message}`, { code: fault.code });
}

/** Writes snapshots of the stored state, one at a time, while the node goes on. */
export class SnapshotMaker {
  readonly files: SnapshotFiles;
  readonly #shape: StateShape;
  readonly #store: Pick<Store, 'get'>;
  readonly #everyMs: number;
  readonly #onFault: (fault: Failure) => void;
  #making: Promise<void> | undefined;

  private constructor(
    files: SnapshotFiles,
    genesis: Genesis,
    store: Pick<Store, 'get'>,
    everyMs: number,
    onFault: (fault: Failure) => void,
  ) {
    this.files = files;
    this.#shape = new StateShape(genesis);
    this.#store = store;
    this.#everyMs = everyMs;
    this.#onFault = onFault;
  }

  /** Errors: `state-sync-files`. */
  static async open(
    { folder, keep, everyMs }: SnapshotPlan,
    genesis: Genesis,
    store: Pick<Store, 'get'>,
    onFault: (fault: Failure) => void,
  ): Promise<Result<SnapshotMaker>> {
    const files = await SnapshotFiles.open(folder, keep);
    return files.ok ? ok(new SnapshotMaker(files.value, genesis, store, everyMs, onFault)) : files;
  }

  /** Whether a round that ends an epoch makes one, so that the state it leaves has to be saved. */
  due({ timeMs }: Pick<RoundHeader, 'timeMs'>): boolean {
    const span = (ms: number): number => Math.floor(ms / this.#everyMs);
    return this.#making === undefined && span(timeMs) !== span(this.files.newestMs);
  }

  /** A round that ended an epoch is durable, with the state that it left, and nothing behind it yet. */
  edge(height: number, { header, edge }: RoundOutcome): void {
    if (edge === undefined || !this.due(header)) return;
    const state = chunksOf(this.#shape, pageReader(this.#store));
    if (!state.ok) {
      this.#onFault(state.error);
      return;
    }
    const of = { network: this.#shape.network, header, stateBefore: edge.stateBefore };
    this.#making = this.files.make(height, of, state.value).then((made) => {
      this.#making = undefined;
      if (!made.ok) this.#onFault(made.error);
    });
  }

  /** The one that is being made is done, or given up. */
  async stop(): Promise<void> {
    await this.#making;
  }
}
