import { equalBytes } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { LedgerFileHead } from '@iotw/nodes/ledger-server/ledger-file';
import { restoreLedger } from '@iotw/nodes/ledger-server/restore';
import { type RoundRecord, storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { storedNetwork } from '@iotw/runtime/restore-ledger';
import { writeLedgerFile } from './write-ledger-file.js';

export interface ExportWatch {
  /** Hears of each round that was written, and of how many there are. */
  readonly onRound: (round: number, last: number) => void;
  readonly stopped: () => boolean;
}

export interface Exported {
  readonly head: LedgerFileHead;
  readonly bytes: number;
}

/**
 * Writes a stopped node's ledger to a file: every round, and the state that they lead to. What belongs to one node alone
 * stays where it is: keys, its share of the common key, lanes and votes of trust nodes.
 * Errors: `store-network`, `export-empty`, `export-gap` (a round is not on disk any more), `export-stopped`, those of
 * restoreLedger and writeLedgerFile.
 */
export async function exportLedger(
  store: Store,
  genesis: Genesis,
  path: string,
  watch: ExportWatch,
): Promise<Result<Exported>> {
  const network = networkId(genesis);
  const stored = storedNetwork(store);
  if (stored !== undefined && !equalBytes(stored, network)) {
    return fail('store-network', 'The data directory belongs to another network: give its genesis.');
  }
  const restored = restoreLedger(store, genesis, {});
  if (!restored.ok) return restored;
  const { ledger } = restored.value;
  if (ledger.round === 0) {
    return fail('export-empty', 'This ledger has no round yet: a new node begins with the genesis alone.');
  }
  const head: LedgerFileHead = {
    network,
    round: ledger.round,
    roundHash: ledger.roundHash,
    stateHash: ledger.stateHash,
    stateRoot: ledger.stateRoot(),
  };
  const written = await writeLedgerFile(path, head, watched(storedRounds(store), ledger.round, watch));
  return written.ok ? ok({ head, bytes: written.value.bytes }) : written;
}

function* watched(
  records: Iterable<RoundRecord>,
  last: number,
  { onRound, stopped }: ExportWatch,
): Generator<Result<RoundRecord>> {
  let next = 1;
  for (const record of records) {
    if (stopped()) {
      yield fail('export-stopped', `Stopped at round ${next} of ${last}: nothing was written.`);
      return;
    }
    if (record.header.number !== next) break;
    yield ok(record);
    onRound(next, last);
    next += 1;
  }
  if (next === last + 1) return;
  yield fail(
    'export-gap',
    `Round ${next} is not on this disk: export from a node that kept all, or restore a backup.`,
    { round: next },
  );
}
