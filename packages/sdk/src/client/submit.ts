import { equalBytes, joinBytes, toHex, writeU32 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { MAX_TRANSACTION_BYTES } from '@iotw/protocol/limits';
import type { Receipt } from '@iotw/protocol/receipt';
import { receiptFromJson } from '@iotw/protocol/receipt-json';
import { ENVELOPE, type SignedTransaction, transactionId } from '@iotw/protocol/transaction';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { networkOf } from './network.js';
import { otherReceipt } from './receipts.js';
import { callJson } from './request.js';

/**
 * How long the server holds the answer: until the node has the transaction (promises nothing), until a
 * block with it is certified, or until a round with it is durable. Only `final` survives everything.
 */
export type WaitFor = 'accepted' | 'certified' | 'final';

export interface SubmitOptions {
  /** `accepted` unless given. */
  readonly wait?: WaitFor;
  /** 10 s, or 40 s with a `wait` for more: the server gives up after 30 s with `wait-timeout`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Submitted {
  /** Hex. */
  readonly id: string;
  /** What is known so far. `failed`: a round holds it and it had no effect. */
  readonly status: WaitFor | 'failed';
  /** Name of the result where it is known; `ok` is the only good one. */
  readonly code: string | undefined;
  /** The node had this very transaction before. */
  readonly duplicate: boolean;
  /** Where it is final or failed, with `wait: 'final'`; not verified yet. */
  readonly receipt: Receipt | undefined;
}

const HELD_TIMEOUT_MS = 40_000;
/** Bounds of the route; see docs. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;
export const MAX_BATCH_TRANSACTIONS = 16_384;

/**
 * POST /v1/transactions. Refuses to send what was signed for another network than the server's or the
 * options'. Sending the same bytes again is safe, since a sequence serves once: it is done here where the
 * connection was lost, and a copy that arrived before counts as accepted (`duplicate`).
 * Codes: those of a call and of `getNetwork`, `client-network-mismatch`, `client-envelope`, the entrance's
 * codes (`signature-invalid`, `sequence-used`, `intake-full`, ...), `wait-timeout` (its fate is unknown:
 * `waitForReceipt`), `client-other-receipt`.
 */
export async function submit(
  connection: Connection,
  signed: SignedTransaction,
  options: SubmitOptions = {},
): Promise<Result<Submitted>> {
  const network = await checkNetwork(connection, [signed]);
  if (!network.ok) return network;
  const id = toHex(signed.id);
  const answer = await callJson(connection, {
    method: 'POST',
    path: '/v1/transactions',
    query: { wait: options.wait },
    body: { envelope: toHex(signed.envelope) },
    repeatable: true,
    ...held(connection, options),
  });
  if (!answer.ok && answer.error.code === 'transaction-duplicate') {
    return ok({ id, status: 'accepted', code: undefined, duplicate: true, receipt: undefined });
  }
  return readSubmitted(answer, network.value, id);
}

/** What a submission or the faucet answers; `id`: which transaction it has to be about, where that is known. */
export function readSubmitted(
  answer: Result<unknown>,
  network: Uint8Array,
  id: string | undefined,
): Result<Submitted> {
  const read = readResult<{ id: string; status: WaitFor | 'failed'; code: unknown; receipt: unknown }>(
    answer,
    {
      id: 'string',
      status: 'string',
      code: 'any',
      receipt: 'any',
    },
  );
  if (!read.ok) return read;
  const { status, code } = read.value;
  if (id !== undefined && read.value.id !== id) {
    return fail(
      'client-answer',
      `The server took the transaction for ${read.value.id.slice(0, 64)}, it is ${id}: do not trust its answer.`,
    );
  }
  const known = {
    id: read.value.id,
    status,
    code: typeof code === 'string' ? code : undefined,
    duplicate: false,
  };
  if (read.value.receipt === undefined) return ok({ ...known, receipt: undefined });
  const receipt = receiptFromJson(read.value.receipt);
  if (!receipt.ok) return receipt;
  const about = transactionId(network, receipt.value.envelope.subarray(ENVELOPE.transaction));
  return toHex(about) === known.id ? ok({ ...known, receipt: receipt.value }) : otherReceipt(about);
}

/**
 * POST /v1/transactions/batch: many transactions in one request, each with its own outcome, in order.
 * Codes: as `submit`, `client-batch` (empty, or beyond the route's bounds: split it).
 */
export async function submitBatch(
  connection: Connection,
  batch: readonly SignedTransaction[],
  options: SubmitOptions = {},
): Promise<Result<readonly BatchEntry[]>> {
  const body = encodeBatch(batch.map(({ envelope }) => envelope));
  if (!body.ok) return body;
  const network = await checkNetwork(connection, batch);
  if (!network.ok) return network;
  const answer = await callJson(connection, {
    method: 'POST',
    path: '/v1/transactions/batch',
    query: { wait: options.wait },
    body: body.value,
    repeatable: true,
    ...held(connection, options),
  });
  return readOutcomes(answer, batch);
}

/** What became of one transaction of a batch. */
export interface BatchEntry {
  /** Hex. */
  readonly id: string;
  /** `ok`, `undecided` (it was taken, its fate is open), a result's name or an entrance's code. */
  readonly code: string;
}

/** Envelopes one after another, each behind its length as u32. Code: `client-batch`. */
export function encodeBatch(envelopes: readonly Uint8Array[]): Result<Uint8Array> {
  const parts = envelopes.flatMap((envelope) => {
    const length = new Uint8Array(4);
    writeU32(length, 0, envelope.length);
    return [length, envelope];
  });
  const body = joinBytes(parts);
  if (envelopes.length >= 1 && envelopes.length <= MAX_BATCH_TRANSACTIONS && body.length <= MAX_BATCH_BYTES) {
    return ok(body);
  }
  return fail(
    'client-batch',
    `A batch holds 1 to ${MAX_BATCH_TRANSACTIONS} transactions in at most ${MAX_BATCH_BYTES} bytes: split it.`,
    { count: envelopes.length, bytes: body.length },
  );
}

function readOutcomes(
  answer: Result<unknown>,
  batch: readonly SignedTransaction[],
): Result<readonly BatchEntry[]> {
  const outcome = readResult<{ results: readonly unknown[] }>(answer, { results: 'array' });
  if (!outcome.ok) return outcome;
  if (outcome.value.results.length !== batch.length) {
    return fail('client-answer', 'The server answered for another number of transactions than were sent.');
  }
  const entries: BatchEntry[] = [];
  for (const [i, json] of outcome.value.results.entries()) {
    const entry = readAnswer<{ code: string }>(json, { code: 'string' });
    if (!entry.ok) return entry;
    entries.push({ id: toHex(batch[i]!.id), code: entry.value.code });
  }
  return ok(entries);
}

function held(connection: Connection, { wait, timeoutMs, signal }: SubmitOptions) {
  const patience = wait === undefined || wait === 'accepted' ? connection.timeoutMs : HELD_TIMEOUT_MS;
  return { timeoutMs: timeoutMs ?? patience, signal };
}

async function checkNetwork(
  connection: Connection,
  batch: readonly SignedTransaction[],
): Promise<Result<Uint8Array>> {
  const network = await networkOf(connection);
  if (!network.ok) return network;
  for (const { id, envelope } of batch) {
    if (envelope.length <= ENVELOPE.transaction || envelope.length > MAX_TRANSACTION_BYTES) {
      return fail('client-envelope', 'The envelope is too short or too long: let buildSigned make it.');
    }
    const here = transactionId(network.value, envelope.subarray(ENVELOPE.transaction));
    if (!equalBytes(here, id)) return signedElsewhere(network.value);
  }
  return network;
}

function signedElsewhere(network: Uint8Array): Result<never> {
  return fail(
    'client-network-mismatch',
    `The transaction was signed for another network than the server's (${toHex(network).slice(0, 16)}), or changed after: sign it for this network.`,
    { found: toHex(network) },
  );
}
