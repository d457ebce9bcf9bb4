import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { StateShape } from '@iotw/ledger/state-shape';
import { SnapshotReceiver } from '@iotw/nodes/state-sync/snapshot-receiver';
import type { Genesis } from '@iotw/protocol/genesis';
import type { Failpoints } from '../failpoints/failpoints.js';
import { CometHost, type CometPlace } from './comet-host.js';
import type { StateSyncPlan } from './home.js';
import { JoinApplication } from './join-application.js';
import { joiningWrite } from './position.js';

export interface JoinPlan {
  readonly genesis: Genesis;
  readonly place: CometPlace;
  readonly stateSync: StateSyncPlan;
  readonly store: Pick<Store, 'commit'>;
  /** For the operator: it may take minutes. */
  readonly log: (line: string) => void;
  /** Gives up. */
  readonly stop?: AbortSignal | undefined;
  readonly failpoints?: Failpoints | undefined;
}

/**
 * Brings a ledger server without a state to a snapshot of the others', by CometBFT's state sync. Then the store holds the
 * state, its height, and no mark of a join; CometBFT's home holds the blocks behind it. Until then each start of CometBFT begins
 * with nothing: it can't start on a state whose next block it does not have. Its record of what was signed last stays.
 * Errors: those of CometHost.start and of the store, `node-stopping`.
 */
export async function joinByStateSync(plan: JoinPlan): Promise<Result<void>> {
  const { genesis, place, stateSync, store, log, stop, failpoints } = plan;
  let end: (result: Result<void>) => void = () => {};
  const ended = new Promise<Result<void>>((resolve) => {
    end = resolve;
  });
  const application = new JoinApplication({
    receiver: new SnapshotReceiver(new StateShape(genesis)),
    store: async (writes) => {
      failpoints?.hit('state-sync-store');
      const stored = await store.commit([...writes, joiningWrite(true)]);
      if (!stored.ok) end(stored);
      else failpoints?.hit('state-sync-stored');
      return stored;
    },
    onStored: (round, height) => log(`state sync: the state of round ${round} at height ${height} is stored`),
    onFollowed: () => {
      failpoints?.hit('state-sync-followed');
      end(ok(undefined));
    },
    onFault: place.onFault,
  });
  const giveUp = (): void => end(fail('node-stopping', 'The node is stopping: it joins after its restart.'));
  stop?.addEventListener('abort', giveUp);
  if (stop?.aborted === true) giveUp();
  const host = new CometHost(application, place);
  log(`state sync: looking for a snapshot behind height ${stateSync.trustHeight}`);
  const started = await host.start({ stateSync, beforeStart: () => forgetBlocks(place.home) });
  const result = started.ok ? await ended : started;
  // Its last call is not answered, and it would wait for that: what it has on disk is enough.
  await host.stop(true);
  stop?.removeEventListener('abort', giveUp);
  return result.ok ? store.commit([joiningWrite(false)]) : result;
}

/** Removes CometBFT's databases, and leaves what it signed last. */
function forgetBlocks(home: string): void {
  const data = join(home, 'data');
  for (const name of readdirSync(data)) {
    if (name !== 'priv_validator_state.json') rmSync(join(data, name), { recursive: true, force: true });
  }
}
