import type { AddressPrefix } from '@iotw/protocol/address';
import { encodeAddress } from '@iotw/protocol/address';
import { genesisPrefix } from '@iotw/protocol/genesis-json';
import type { Activity } from './activity.js';
import type { Backend } from './backend.js';
import type { Log } from './errors-to-problems.js';
import type { HistoryIndex } from './index-store/history-index.js';
import type { RoundArchive } from './round-archive.js';

/** What every view and route reads from. */
export interface ApiContext {
  readonly backend: Backend;
  readonly index: HistoryIndex;
  readonly rounds: RoundArchive;
  readonly activity: Activity;
  readonly prefix: AddressPrefix;
  readonly log: Log;
}

export function prefixOf(backend: Backend): AddressPrefix {
  return genesisPrefix(backend.genesis);
}

/** Address of a 32-byte key. */
export function addressOf(context: ApiContext, key: Uint8Array): string {
  return encodeAddress(context.prefix, 0, key);
}

/** Address of an account number; numbers nobody has give undefined. */
export function accountAddress(context: ApiContext, account: number): string | undefined {
  const { accounts } = context.backend.ledger;
  return account < accounts.rows ? addressOf(context, accounts.key(account)) : undefined;
}
