import { chainIdOf } from '@iotw/adapters/cometbft/home';
import { originWrite, readHeight, readOrigin } from '@iotw/adapters/cometbft/position';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type EngineOrigin, originOf } from '@iotw/nodes/engine/origin';
import { restoreLedger } from '@iotw/nodes/ledger-server/restore';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { checkStoreNetwork } from '@iotw/runtime/restore-ledger';

/** Fewer would order together and bear the loss of none. */
const LEAST_SERVERS = 4;

export interface Migrated {
  readonly origin: EngineOrigin;
  /** Name of CometBFT's chain: the same on every server that carried over the same ledger. */
  readonly chainId: string;
}

/**
 * Marks a stopped node's ledger, in one commit, so that the servers it lists now order it together on CometBFT from the next
 * round on, and the embedded engine no more. Nothing of the ledger changes.
 * Errors: `store-network`, `migrate-done`, `migrate-empty`, `migrate-servers`, those of restoreLedger and the store.
 */
export async function migrateLedger(store: Store, genesis: Genesis): Promise<Result<Migrated>> {
  const network = networkId(genesis);
  const own = checkStoreNetwork(store, network);
  if (!own.ok) return own;
  if (readHeight(store) > 0 || readOrigin(store) !== undefined) {
    return fail('migrate-done', "This ledger's servers order it together on CometBFT already.");
  }
  const restored = restoreLedger(store, genesis, {});
  if (!restored.ok) return restored;
  const { ledger } = restored.value;
  if (ledger.round === 0) {
    return fail('migrate-empty', 'This ledger has no round yet: start its servers on CometBFT at once.');
  }
  const serving = ledger.ledgerServers.serving().length;
  if (serving < LEAST_SERVERS) {
    return fail(
      'migrate-servers',
      `The ledger has ${serving} ledger servers in service, ${LEAST_SERVERS} bear the loss of one: have the committee admit more first (ledgerServerAdmit).`,
      { serving },
    );
  }
  const origin = originOf(ledger);
  const marked = await store.commit([originWrite(origin)]);
  return marked.ok ? ok({ origin, chainId: chainIdOf(network, origin) }) : marked;
}
