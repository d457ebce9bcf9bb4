import { toHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { locationOf, positionOf, roundOf } from '../index-store/location.js';
import { RECENT_SCAN_ROUNDS } from '../limits.js';
import type { RoundLayout } from '../round-layout.js';
import { Count, Hex32, TimeMs } from './forms.js';
import { decodeCursor, encodeCursor, type Page, type PageQuery } from './page.js';
import { type TransactionView, transactionView } from './transactions.js';

export const BlockSummarySchema = z
  .object({
    lane: Count,
    height: Count,
    hash: Hex32,
    round: Count,
    timeMs: TimeMs.describe('agreed time of the round'),
    epoch: Count,
    transactions: Count,
    attempt: Count,
    mode: z.string().describe('who completed it: `devices`, or why no device did'),
    answers: Count.describe('devices that answered'),
  })
  .meta({ id: 'BlockSummary' });
export type BlockSummary = z.infer<typeof BlockSummarySchema>;

const MODE_NAMES = new Map<number, string>(Object.entries(CERTIFICATE_MODE).map(([name, n]) => [n, name]));

/** Blocks of all lanes, newest first. Errors: `cursor-invalid`. */
export function blockPage(context: ApiContext, query: PageQuery): Result<Page<BlockSummary>> {
  return newestFirst(
    context,
    'blocks',
    query,
    ({ blocks }) => blocks.length,
    (layout, index) => {
      const { header, certificate } = layout.blocks[index]!.block;
      return {
        lane: header.lane,
        height: header.height,
        hash: toHex(layout.hash(context.backend.network, index)),
        round: layout.number,
        timeMs: layout.record.header.timeMs,
        epoch: header.epoch,
        transactions: header.count,
        attempt: certificate.attempt,
        mode: MODE_NAMES.get(certificate.mode) ?? String(certificate.mode),
        answers: certificate.attestations.length,
      };
    },
  );
}

/** Transactions of all accounts, newest first. Errors: `cursor-invalid`. */
export function transactionPage(context: ApiContext, query: PageQuery): Result<Page<TransactionView>> {
  return newestFirst(
    context,
    'transactions',
    query,
    ({ count }) => count,
    (layout, position) => transactionView(context, layout.at(position)),
  );
}

/**
 * Entries of rounds, newest first. The cursor is the place of the last entry shown; at most RECENT_SCAN_ROUNDS rounds
 * are looked at, so that rounds without an entry make no request long.
 */
function newestFirst<T>(
  { rounds }: ApiContext,
  kind: string,
  query: PageQuery,
  countOf: (layout: RoundLayout) => number,
  read: (layout: RoundLayout, position: number) => T,
): Result<Page<T>> {
  const before = decodeCursor(kind, query.cursor, locationOf(rounds.latest + 1, 0));
  if (!before.ok) return before;
  const items: T[] = [];
  let number = roundOf(before.value);
  let position = positionOf(before.value);
  for (let scanned = 0; scanned < RECENT_SCAN_ROUNDS; scanned++) {
    if (position === 0) {
      number -= 1;
      const next = rounds.layout(number);
      // The first round, or the first that is still kept.
      if (next === undefined) return ok({ items, next: null });
      position = countOf(next);
    }
    const layout = rounds.layout(number);
    if (layout === undefined) return ok({ items, next: null });
    while (position > 0) {
      if (items.length === query.limit) {
        return ok({ items, next: encodeCursor(kind, locationOf(number, position)) });
      }
      position -= 1;
      items.push(read(layout, position));
    }
  }
  return ok({ items, next: encodeCursor(kind, locationOf(number, 0)) });
}
