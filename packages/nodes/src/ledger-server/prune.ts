import { assert } from '@iotw/kernel/assert';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { epochKey, POOL_TABLE, SETTLEMENT_TABLE } from './epoch-records.js';
import { ROUND_TABLE, roundErases, roundKey, roundNumber, storedHeader } from './round-record.js';

/** A ledger server's rounds go from the oldest on, by whole epochs; what is kept has no gap (spec: clause 9.16). */

type Reader = Pick<Store, 'get' | 'range'>;

/** What one slice takes away at most: rounds; bytes of records and writes after which no further round is begun. */
const SLICE_ROUNDS = 64;
const SLICE_BYTES = 262_144;
const SLICE_WRITES = 256;

/** Number of the oldest round on disk; undefined: there is none. */
export function firstStoredRound(store: Reader): number | undefined {
  for (const [key] of store.range(ROUND_TABLE, { limit: 1 })) return roundNumber(key);
  return undefined;
}

/**
 * The round that opened the oldest epoch of which a round is of agreed time `fromMs` or later: what is before it goes. Between
 * `first` and `saved`, which are on disk with all between them; never beyond the round that opened the epoch of `saved`, the
 * round of the state on disk: a restart replays what follows it.
 */
export function firstToKeep(store: Reader, first: number, saved: number, fromMs: number): number {
  const header = (number: number) => {
    const found = storedHeader(store, number);
    assert(found !== undefined, `round ${number} is on disk`);
    return found;
  };
  const young = search(first, saved, (number) => header(number).timeMs >= fromMs);
  const { epoch } = header(young);
  return search(first, young, (number) => header(number).epoch >= epoch);
}

/** The least number between both for which `holds`, which then holds for all above it; `high` where it does for none. */
function search(low: number, high: number, holds: (number: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

export interface PrunedSlice {
  /** Rounds that go, ascending without a gap; empty: nothing is below. */
  readonly rounds: readonly number[];
  readonly writes: readonly Write[];
}

/**
 * The oldest rounds below `below` (which stays), as many as one commit is to take away; with the pools and settlements of
 * epochs that no kept round belongs to. Roots of states stay: they are 32 bytes an epoch.
 */
export function prunedSlice(store: Reader, below: number): PrunedSlice {
  const rounds: number[] = [];
  const writes: Write[] = [];
  let bytes = 0;
  for (const [key, value] of store.range(ROUND_TABLE, { to: roundKey(below), limit: SLICE_ROUNDS })) {
    if (bytes >= SLICE_BYTES || writes.length >= SLICE_WRITES) break;
    const number = roundNumber(key);
    bytes += value.length;
    rounds.push(number);
    writes.push(...roundErases(value));
  }
  const oldest = rounds[0];
  if (oldest === undefined) return { rounds, writes };
  const kept = storedHeader(store, rounds.at(-1)! + 1);
  assert(kept !== undefined, 'what is kept has no gap');
  // A round may hold blocks of the epoch before its own.
  const gone = Math.max(0, storedHeader(store, oldest)!.epoch - 1);
  for (let epoch = gone; epoch < kept.epoch - 1; epoch++) {
    for (const table of [POOL_TABLE, SETTLEMENT_TABLE])
      writes.push({ table, key: epochKey(epoch), value: undefined });
  }
  return { rounds, writes };
}
