// Which rounds stay in memory: those that the index has yet to see, a few newest ones, and never more than the bounds.
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import { expect, it } from 'vitest';
import { KEPT_NEWEST_ROUNDS, KEPT_ROUND_BYTES, KEPT_ROUNDS } from './limits.js';
import { RoundArchive } from './round-archive.js';
import type { RoundLayout } from './round-layout.js';

function layout(number: number, bytes = 0): RoundLayout {
  const empty = new Uint8Array(0);
  const record = { ids: new Uint8Array(bytes), codes: empty, fees: empty, input: { blocks: [] } };
  return { number, record: record as unknown as RoundRecord } as RoundLayout;
}

/** Numbers in memory after these rounds, newest first; nothing is on disk. */
function kept(rounds: readonly RoundLayout[], indexed: (latest: number) => number): number[] {
  let latest = 0;
  const backend = { ledger: { round: 0 }, history: { round: () => undefined } };
  const archive = new RoundArchive(backend as never, () => indexed(latest));
  for (const round of rounds) {
    latest = round.number;
    archive.offer(round);
  }
  return [...archive.newestAbove(0)].map(({ number }) => number);
}

const first = (count: number, bytes?: number) =>
  Array.from({ length: count }, (_, index) => layout(index + 1, bytes));
const newest = (from: number, count: number) => Array.from({ length: count }, (_, index) => from - index);
const HALF = KEPT_ROUND_BYTES / 2;

it.each([
  [
    'a few where the index has seen all',
    first(20),
    (latest: number) => latest,
    newest(20, KEPT_NEWEST_ROUNDS),
  ],
  ['those that it has not seen', first(20), () => 11, newest(20, 9)],
  ['no more than the bound where it sees none', first(200), () => 0, newest(200, KEPT_ROUNDS)],
  ['no more bytes than the bound', first(5, HALF - 2048), () => 0, [5, 4]],
  ['the last one, however large', first(3, 3 * HALF), () => 0, [3]],
])('keeps %s', (_, rounds, indexed, expected) => {
  expect(kept(rounds, indexed)).toEqual(expected);
});

it('holds what is above a round only while nothing of it has gone', () => {
  const archive = new RoundArchive(
    { ledger: { round: 0 }, history: { round: () => undefined } } as never,
    () => 15,
  );
  for (const round of first(20)) archive.offer(round);
  expect([14, 15, 19, 20].map((after) => archive.holdsAbove(after))).toEqual([false, true, true, true]);
});
