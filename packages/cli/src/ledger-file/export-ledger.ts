import { readHeight, readOrigin } from '@iotw/adapters/cometbft/position';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { StateShape } from '@iotw/ledger/state-shape';
import { storedStateBefore } from '@iotw/nodes/ledger-server/epoch-records';
import type { LedgerFileHead } from '@iotw/nodes/ledger-server/ledger-file';
import { firstStoredRound } from '@iotw/nodes/ledger-server/prune';
import { pageReader, restoreLedger } from '@iotw/nodes/ledger-server/restore';
import {
  type RoundRecord,
  storedHeader,
  storedRound,
  storedRounds,
} from '@iotw/nodes/ledger-server/round-record';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { checkStoreNetwork } from '@iotw/runtime/restore-ledger';
import { startOf } from '../node/audit-kept.js';
import { type FileState, fileState } from './file-state.js';
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
 * Writes a stopped node's ledger to a file: every round that it kept, and the state that they lead to; of a pruned one the
 * state on disk, of an epoch's end, too, from which a reader goes on. Of a ledger that was carried over to
 * CometBFT the rounds up to there, for the servers that join it: CometBFT brings them the rest; with `all`, all that there
 * are, for a ledger that goes on without CometBFT. What belongs to one node alone stays where it is: keys, its share of the
 * common key, lanes and votes of trust nodes.
 * Errors: `store-network`, `export-empty`, `export-cometbft` (CometBFT brings every round), `export-gap` (a round is not on disk any more), `export-state`, `export-stopped`, those of
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
  const state = head.first === 1 ? ok(undefined) : snapshotOf(store, genesis);
  if (!state.ok) return state;
  const rounds = watched(storedRounds(store), head, watch);
  const written = await writeLedgerFile(path, head, rounds, state.value);
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
  if (last === undefined) return gap(round, firstStoredRound(store) ?? round);
  const { stateHash } = last.header;
  const first = firstStoredRound(store)!;
  if (first > 1) return gap(1, first);
  return ok({ network: networkId(genesis), round, roundHash, stateHash, stateRoot, origin: 1, first });
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
    first: firstStoredRound(store) ?? round,
  });
}

/** The stored state that the rounds behind it lead on from. */
function snapshotOf(store: Store, genesis: Genesis): Result<FileState> {
  const shape = new StateShape(genesis);
  const start = startOf(store, genesis);
  if (!start.ok) return start;
  const { round } = start.value!;
  const header = storedHeader(store, round);
  const stateBefore = storedStateBefore(store);
  if (header === undefined || stateBefore === undefined) {
    return fail(
      'export-state',
      `The stored state is that of round ${round}, which ended no epoch on this disk: export again when the next epoch has ended.`,
      { round },
    );
  }
  return fileState(shape, pageReader(store), { network: shape.network, header, stateBefore });
}

function* watched(
  records: Iterable<RoundRecord>,
  { first, round: last }: LedgerFileHead,
  { onRound, stopped }: ExportWatch,
): Generator<Result<RoundRecord>> {
  let next = first;
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
  if (next <= last) yield gap(next, next);
}

/** `first`: the first round on disk. */
function gap(round: number, first: number): Result<never> {
  const kept = first > round ? `, the first is ${first}` : '';
  return fail(
    'export-gap',
    `Round ${round} is not on this disk${kept}: export from a node that kept all, or restore a backup.`,
    { round, first },
  );
}
