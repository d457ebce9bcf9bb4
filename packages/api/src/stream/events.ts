import { toHex } from '@iotw/kernel/bytes';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { INDEX_TABLE, INDEX_TABLES, locationOf, positionOf } from '../index-store/location.js';
import { MemoryTable } from '../index-store/memory-table.js';
import { scanRound } from '../index-store/round-scan.js';
import type { RoundLayout } from '../round-layout.js';
import { opensEpoch, roundSummary } from '../views/rounds.js';
import { codeName } from '../views/transactions.js';

/** What streams tell of. `transaction` needs an account. */
export const EVENT_NAMES = ['round', 'transaction', 'epoch'] as const;
export const EventName = z.enum(EVENT_NAMES);
export type EventName = z.infer<typeof EventName>;

export interface StreamEvent {
  /** `round` or `round:position`: a stream is resumed behind it. */
  readonly id: string;
  readonly event: EventName;
  /** JSON. */
  readonly data: string;
}

export interface StreamFilter {
  readonly events: ReadonlySet<EventName>;
  /** Account number whose transactions are wanted. */
  readonly account: number | undefined;
}

const roundEvents = new WeakMap<RoundLayout, StreamEvent>();

function roundEvent(context: ApiContext, layout: RoundLayout): StreamEvent {
  const known = roundEvents.get(layout);
  if (known !== undefined) return known;
  const event: StreamEvent = {
    id: String(layout.number),
    event: 'round',
    data: JSON.stringify({
      ...roundSummary(context, layout),
      blockList: layout.blocks.map(({ block: { header } }) => [header.lane, header.height, header.count]),
    }),
  };
  roundEvents.set(layout, event);
  return event;
}

const accountsOf = new WeakMap<RoundLayout, MemoryTable>();

/** Who every transaction of the round concerns; made once per record, and only where somebody asks. */
function postingsOf(context: ApiContext, layout: RoundLayout): MemoryTable {
  const known = accountsOf.get(layout);
  if (known !== undefined) return known;
  const tables = Array.from({ length: INDEX_TABLES }, () => new MemoryTable());
  const { network, ledger } = context.backend;
  scanRound(ledger, network, layout, network, 0, layout.count, tables);
  const postings = tables[INDEX_TABLE.postings]!;
  accountsOf.set(layout, postings);
  return postings;
}

/**
 * The events of one round from `from` (a location in it) on, in their order: transactions, the epoch it
 * opened, the round itself, whose id ends it.
 */
export function* eventsOf(
  context: ApiContext,
  layout: RoundLayout,
  filter: StreamFilter,
  from: number,
): Generator<StreamEvent> {
  const { number, count } = layout;
  if (filter.account !== undefined && filter.events.has('transaction')) {
    const found: number[] = [];
    postingsOf(context, layout).collectBelow(filter.account, locationOf(number, count), count, found);
    let last = -1;
    for (let i = found.length - 1; i >= 0; i--) {
      const location = found[i]!;
      // One transaction may pay the same account twice.
      if (location < from || location === last) continue;
      last = location;
      yield transactionEvent(layout, positionOf(location));
    }
  }
  if (filter.events.has('epoch') && opensEpoch(layout) && from <= locationOf(number, count)) {
    const { epoch, seed, poolRoot, timeMs } = layout.record.header;
    yield {
      id: `${number}:${count}`,
      event: 'epoch',
      data: JSON.stringify({ epoch, round: number, timeMs, seed: toHex(seed), poolRoot: toHex(poolRoot) }),
    };
  }
  if (filter.events.has('round')) yield roundEvent(context, layout);
}

function transactionEvent(layout: RoundLayout, position: number): StreamEvent {
  const code = layout.code(position);
  return {
    id: `${layout.number}:${position}`,
    event: 'transaction',
    data: JSON.stringify({
      id: toHex(layout.id(position)),
      status: code === 0 ? 'final' : 'failed',
      code: codeName(code),
      fee: layout.fee(position),
      round: layout.number,
      position,
    }),
  };
}
