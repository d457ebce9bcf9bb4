import { assert } from '@iotw/kernel/assert';
import type { Write } from '@iotw/kernel/ports/store';
import type { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { stateBeforeWrite } from './epoch-records.js';
import { snapshotWrites } from './restore.js';

/** Epochs that a restart replays whole at most: an idle network has short rounds, and each edge costs as much as the state is large. */
export const MAX_EPOCHS_BEHIND = 8;
/** Changed pages of no more bytes than this are saved at every edge: that costs as little as the edge itself. */
const SMALL_BYTES = 1_048_576;

/**
 * At which epochs' edges a ledger server saves its state: where the rounds that a restart would replay are half as many
 * bytes again as what changed. So saving costs less than the rounds themselves, however many accounts there are, and a
 * restart replays no more than half as much again as it loads, and two epochs.
 */
export class StateSaves {
  readonly #ledger: Ledger;
  readonly #smallBytes: number;
  #round: number;
  /** Bytes of the rounds above the saved state. After a start nobody has counted them: the first edge saves. */
  #behind = Number.POSITIVE_INFINITY;
  /** Edges since then. */
  #edges = 0;

  /** `saved`: round of the state on disk; 0: none is there, a restart begins with the genesis. */
  constructor(ledger: Ledger, saved: number, smallBytes = SMALL_BYTES) {
    this.#ledger = ledger;
    this.#round = saved;
    this.#smallBytes = smallBytes;
  }

  /** Round of the state that was saved last; 0: none was. It is durable when that round is. */
  get round(): number {
    return this.#round;
  }

  /** Writes of a round that a restart has to replay. */
  wrote(writes: readonly Write[]): void {
    for (const { value } of writes) this.#behind += value?.length ?? 0;
  }

  /**
   * The writes that save the state which a round left that ended an epoch, or undefined where that may wait. They go into one
   * commit with the round. `asked`: the state of this very round is needed. Before the rules of another version begin it is saved,
   * too: what is replayed after an upgrade is no round of the version before.
   */
  atEdge({ header, edge }: Pick<RoundOutcome, 'header' | 'edge'>, asked: boolean): Write[] | undefined {
    assert(edge !== undefined, 'the round ended an epoch');
    this.#edges += 1;
    const due =
      asked ||
      this.#edges >= MAX_EPOCHS_BEHIND ||
      this.#ledger.upgrades.version !== header.version ||
      this.#isSmall(this.#ledger.unsavedBytes);
    if (!due) return undefined;
    this.#round = header.number;
    this.#behind = 0;
    this.#edges = 0;
    return [...snapshotWrites(this.#ledger), stateBeforeWrite(edge.stateBefore)];
  }

  /** Small on its own, or beside the rounds: half as many bytes again as are saved. */
  #isSmall(bytes: number): boolean {
    return bytes <= this.#smallBytes || 3 * bytes <= 2 * this.#behind;
  }
}
