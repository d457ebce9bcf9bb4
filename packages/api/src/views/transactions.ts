import { equalBytes, fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { RoundTransaction } from '@iotw/nodes/ledger-server/round-transactions';
import { blockHash } from '@iotw/protocol/header';
import { resultCodeName } from '@iotw/protocol/result';
import { decodeEnvelope } from '@iotw/protocol/transaction';
import { transactionToJson } from '@iotw/protocol/transaction-json';
import { z } from 'zod';
import { isProvable } from '../commits.js';
import type { ApiContext } from '../context.js';
import { locationOf, positionOf, roundOf } from '../index-store/location.js';
import type { RoundArchive } from '../round-archive.js';
import { isDecisive, type RoundLayout } from '../round-layout.js';
import { Amount, Bytes, Count, Hex32, SpecObject, TimeMs } from './forms.js';
import { decodeCursor, encodeCursor, type Page, type PageQuery } from './page.js';

export const TransactionSchema = z
  .object({
    id: Hex32,
    status: z.enum(['final', 'failed']),
    provable: z.boolean().describe('anybody can check its receipt without this server'),
    code: z.string().describe('`ok`, or why it failed'),
    fee: Amount,
    round: Count,
    position: Count.describe('place among the results of the round'),
    timeMs: TimeMs,
    block: z.object({ lane: Count, height: Count, hash: Hex32, index: Count }),
    transaction: SpecObject.nullable().describe('null where its bytes can not be read'),
    signature: Bytes.nullable(),
    bytes: Count.describe('length of the envelope'),
  })
  .meta({ id: 'Transaction' });
export type TransactionView = z.infer<typeof TransactionSchema>;

export function codeName(code: number): string {
  return resultCodeName(code) ?? `code-${code}`;
}

export function transactionView(context: ApiContext, applied: RoundTransaction): TransactionView {
  const { round, timeMs, position, header, index, id, code, fee, envelope } = applied;
  const decoded = decodeEnvelope(envelope);
  return {
    id: toHex(id),
    status: code === 0 ? 'final' : 'failed',
    provable: isProvable(context.backend, round),
    code: codeName(code),
    fee,
    round,
    position,
    timeMs,
    block: {
      lane: header.lane,
      height: header.height,
      hash: toHex(blockHash(context.backend.network, header)),
      index,
    },
    transaction: decoded.ok ? transactionToJson(decoded.value.transaction, context.prefix) : null,
    signature: decoded.ok ? toHex(decoded.value.signature) : null,
    bytes: envelope.length,
  };
}

export interface Found {
  readonly layout: RoundLayout;
  readonly position: number;
}

/** 32 bytes of hex. Errors: `request-invalid`. */
export function readId(text: string): Result<Uint8Array> {
  const id = fromHex(text, 32);
  return id === undefined
    ? fail('request-invalid', 'An id or hash is 64 characters of hex.', { field: 'params/id' })
    : ok(id);
}

/**
 * Where a transaction is. One that used its sequence wins over refused copies of it. Rounds that the
 * index has not reached are searched in memory. Errors: `transaction-not-found`, `index-behind`.
 */
export function findTransaction(context: ApiContext, id: Uint8Array): Result<Found> {
  const { rounds, index } = context;
  const indexed = index.status;
  let found: Found | undefined;
  for (const layout of rounds.newestAbove(indexed.round)) {
    const position = layout.find(id);
    if (position < 0) continue;
    found = { layout, position };
    if (isDecisive(layout.code(position))) return ok(found);
  }
  for (const location of index.transaction(id)) {
    const layout = rounds.layout(roundOf(location));
    const position = positionOf(location);
    if (layout === undefined || position >= layout.count || !equalBytes(layout.id(position), id)) continue;
    if (isDecisive(layout.code(position))) return ok({ layout, position });
    found ??= { layout, position };
  }
  if (found !== undefined) return ok(found);
  return notFound(
    context,
    fail('transaction-not-found', `No round holds transaction ${toHex(id)}; it may still wait.`),
  );
}

/**
 * The refusal of a search through the newest rounds and the index, or one that says that the index could
 * not have known. Errors: `index-behind`, `index-failed`, its own.
 */
export function notFound(context: ApiContext, refusal: Result<never>): Result<never> {
  const { state, round, latest, fault } = context.index.status;
  if (state !== 'failed' && context.rounds.holdsAbove(round)) return notKept(context, refusal);
  if (state === 'behind') {
    return fail('index-behind', `The index has reached round ${round} of ${latest}: ask again in a moment.`, {
      round,
      latest,
    });
  }
  if (state === 'failed') {
    return fail('index-failed', `The index has stopped (${fault}): restart the node to build it anew.`);
  }
  return notKept(context, refusal);
}

/** Says that what is asked for may have been in a round that is not kept. */
function notKept({ backend }: ApiContext, refusal: Result<never>): Result<never> {
  const { first } = backend.kept;
  if (first === 1 || refusal.ok) return refusal;
  const { code, message, data } = refusal.error;
  return fail(code, `${message} What was decided before round ${first} is not kept here.`, {
    ...data,
    first,
  });
}

export const TransactionPageSchema = z
  .object({
    items: z.array(TransactionSchema),
    next: z.string().nullable().describe('cursor of the next page, null at the end'),
    index: z.object({
      state: z.enum(['current', 'behind', 'failed']),
      first: Count.describe('history begins with this round: what was before it is not kept'),
      round: Count.describe('history is complete up to this round'),
      latest: Count,
    }),
  })
  .meta({ id: 'TransactionPage' });

/** Transactions of an account, newest first. Errors: `cursor-invalid`. */
export function accountTransactions(
  context: ApiContext,
  account: number,
  query: PageQuery,
): Result<z.infer<typeof TransactionPageSchema>> {
  const before = decodeCursor('at', query.cursor, Number.MAX_SAFE_INTEGER);
  if (!before.ok) return before;
  const locations = context.index.account(account, before.value, query.limit + 1);
  // Entries of one round stand side by side.
  let open: { readonly number: number; readonly of: ReturnType<RoundArchive['transactions']> } | undefined;
  const page: Page<TransactionView> = {
    items: locations.slice(0, query.limit).flatMap((location) => {
      const number = roundOf(location);
      if (open?.number !== number) open = { number, of: context.rounds.transactions(number) };
      const applied = open.of?.at(positionOf(location));
      return applied === undefined ? [] : [transactionView(context, applied)];
    }),
    next: locations.length > query.limit ? encodeCursor('at', locations[query.limit - 1]!) : null,
  };
  const { state, first, round, latest } = context.index.status;
  return ok({ ...page, index: { state, first, round, latest } });
}

/** The location a stream goes on from behind an event id `round` or `round:position`; undefined: no such id. */
export function locationBehind(text: string): number | undefined {
  const match = /^([0-9]{1,10})(?::([0-9]{1,6}))?$/.exec(text);
  if (match === null) return undefined;
  const round = Number(match[1]);
  if (match[2] === undefined) return locationOf(round + 1, 0);
  const position = Number(match[2]) + 1;
  return position < locationOf(1, 0) ? locationOf(round, position) : undefined;
}
