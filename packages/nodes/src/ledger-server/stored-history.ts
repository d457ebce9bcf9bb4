import type { Store } from '@iotw/kernel/ports/store';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import { storedPool, storedSettlement, storedStateRoot } from './epoch-records.js';
import { type RoundRecord, storedRound } from './round-record.js';
import { RoundTransactions } from './round-transactions.js';

/** What a ledger server's disk still holds of the past, read anew with every question; what was pruned is undefined. */
export class StoredHistory {
  readonly #store: Pick<Store, 'get'>;

  constructor(store: Pick<Store, 'get'>) {
    this.#store = store;
  }

  round(number: number): RoundRecord | undefined {
    return storedRound(this.#store, number);
  }

  /** A round's transactions one by one, without the rest of it. */
  roundTransactions(number: number): RoundTransactions | undefined {
    return RoundTransactions.stored(this.#store, number);
  }

  /** The frozen pool and seed of an epoch. */
  pool(epoch: number): EpochSnapshot | undefined {
    return storedPool(this.#store, epoch);
  }

  /** The settlement of an ended epoch: bytes as the ledger server stored them. */
  settlement(epoch: number): Uint8Array | undefined {
    return storedSettlement(this.#store, epoch);
  }

  /** The root over the whole state as an ended epoch left it, 32 bytes. */
  stateRoot(epoch: number): Uint8Array | undefined {
    return storedStateRoot(this.#store, epoch);
  }
}
