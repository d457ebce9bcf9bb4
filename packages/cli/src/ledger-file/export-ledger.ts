import { readHeight, readOrigin } from '@iotw/adapters/cometbft/position';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { LedgerFileHead } from '@iotw/nodes/ledger-server/ledger-file';
import { restoreLedger } from '@iotw/nodes/ledger-server/restore';
import { type RoundRecord, storedRound, storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { checkStoreNetwork } from '@iotw/runtime/restore-ledger';
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
 * Writes a stopped node's ledger to a file: every round, and the state that they lead to. Of a ledger that was carried over to
 * CometBFT the rounds up to there, for the servers that join it: CometBFT brings them the rest; with `all`, all that there
 * are, for a ledger that goes on without CometBFT. What belongs to one node alone stays where it is: keys, its share of the
 * common key, lanes and votes of trust nodes.
 * Errors: `store-network`, `export-empty`, `export-cometbft` (CometBFT brings every round), `export-gap` (a round is not on disk any more), `export-stopped`, those of
 * restoreLedger and writeLedgerFile.
 */
export async function exportLedger(
  store: Store,
  genesis: Genesis,
  path: string,
  watch: ExportWatch,
  all = false,
): Promise<Result<Exported>> {
  const own = checkStoreNetwork(store, networkId(genesis));
  if (!own.ok) return own;
  const found = all ? headOfAll(store, genesis) : headOfOwn(store, genesis);
  if (!found.ok) return found;
  const head = found.value;
  const written = await writeLedgerFile(path, head, watched(storedRounds(store), head.round, watch));
  return written.ok ? ok({ head, bytes: written.value.bytes }) : written;
}

/** Of what the file has to hold so that its reader goes on with the engine of this store. */
function headOfOwn(store: Store, genesis: Genesis): Result<LedgerFileHead> {
  const origin = readOrigin(store);
  if (origin === undefined && readHeight(store) > 0) {
    return fail(
      'export-cometbft',
      'CometBFT has ordered this ledger from its genesis on and brings every round: a server that joins begins with an empty directory.',
    );
  }
  if (origin === undefined) return headOfAll(store, genesis);
  const { round, hash: roundHash, stateRoot } = origin;
  const last = storedRound(store, round);
  if (last === undefined) return gap(round);
  const { stateHash } = last.header;
  return ok({ network: networkId(genesis), round, roundHash, stateHash, stateRoot, origin: 1 });
}

function headOfAll(store: Store, genesis: Genesis): Result<LedgerFileHead> {
  const restored = restoreLedger(store, genesis, {});
  if (!restored.ok) return restored;
  const { ledger } = restored.value;
  if (ledger.round === 0) {
    return fail('export-empty', 'This ledger has no round yet: a new node begins with the genesis alone.');
  }
  const { round, roundHash, stateHash } = ledger;
  return ok({
    network: networkId(genesis),
    round,
    roundHash,
    stateHash,
    stateRoot: ledger.stateRoot(),
    origin: 0,
  });
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
    if (record.header.number !== next || next > last) break;
    yield ok(record);
    onRound(next, last);
    next += 1;
  }
  if (next <= last) yield gap(next);
}

function gap(round: number): Result<never> {
  return fail(
    'export-gap',
    `Round ${round} is not on this disk: export from a node that kept all, or restore a backup.`,
    { round },
  );
}
