import { equalBytes, fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Receipt } from '@iotw/protocol/receipt';
import { ENVELOPE, transactionId } from '@iotw/protocol/transaction';
import { decodeReceipt } from '../verify/receipt.js';
import { type Connection, pause } from './connection.js';
import { networkOf } from './network.js';
import { aborted, callBytes, path } from './request.js';

/**
 * GET /v1/transactions/:id/receipt in SSZ. It proves nothing before `verifyReceipt`, but it is about the
 * transaction that was asked for. `wait`: with `provable` the server holds the answer until the commit that proves it is there, for
 * some seconds at most. Codes: those of a call, `client-transaction-id`,
 * `transaction-not-found`, `malformed`, `client-other-receipt`.
 */
export async function getReceipt(
  connection: Connection,
  id: Uint8Array | string,
  signal?: AbortSignal,
  wait: 'final' | 'provable' = 'final',
): Promise<Result<Receipt>> {
  const wanted = readTransactionId(id);
  if (!wanted.ok) return wanted;
  const network = await networkOf(connection);
  if (!network.ok) return network;
  const bytes = await callBytes(connection, {
    path: `${path`/v1/transactions/${toHex(wanted.value)}/receipt`}?wait=${wait}`,
    accept: 'application/octet-stream',
    signal,
  });
  if (!bytes.ok) return bytes;
  const receipt = decodeReceipt(bytes.value);
  if (!receipt.ok) return receipt;
  const about = transactionId(network.value, receipt.value.envelope.subarray(ENVELOPE.transaction));
  return equalBytes(about, wanted.value) ? receipt : otherReceipt(about);
}

export function otherReceipt(about: Uint8Array): Result<never> {
  return fail(
    'client-other-receipt',
    `The server answered with the receipt of transaction ${toHex(about)}: do not trust it.`,
  );
}

export interface WaitOptions {
  /** Longest time to wait in all, ms; 30,000 unless given. */
  readonly timeoutMs?: number;
  /** Pause between two questions, ms; growing from 100 to 2,000 unless given. */
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
}

const FIRST_POLL_MS = 100;
const MAX_POLL_MS = 2_000;
const WAITABLE: readonly string[] = [
  'transaction-not-found',
  'index-behind',
  'client-unreachable',
  'client-timeout',
];

/**
 * Waits until a round holds the transaction and gives its receipt, whatever the result: look at its code,
 * or let `verifyReceipt` do so. A server that restarts meanwhile is waited for.
 * Codes: those of `getReceipt`, `client-receipt-timeout` (its fate is unknown: ask again, or send it again
 * with the same sequence), `client-aborted`.
 */
export async function waitForReceipt(
  connection: Connection,
  id: Uint8Array | string,
  options: WaitOptions = {},
): Promise<Result<Receipt>> {
  const { timeoutMs = 30_000, pollMs, signal } = options;
  const until = Date.now() + timeoutMs;
  for (let poll = pollMs ?? FIRST_POLL_MS; ; poll = pollMs ?? Math.min(MAX_POLL_MS, poll * 1.5)) {
    const receipt = await getReceipt(connection, id, signal);
    if (receipt.ok || !WAITABLE.includes(receipt.error.code)) return receipt;
    if (Date.now() + poll > until) {
      return fail(
        'client-receipt-timeout',
        `No round held the transaction within ${timeoutMs} ms: its fate is unknown. Ask again, or send it again with the same sequence.`,
        { last: receipt.error.code },
      );
    }
    await pause(poll, signal);
    if (signal?.aborted) return aborted();
  }
}

/** A transaction id as 32 bytes. Code: `client-transaction-id`. */
export function readTransactionId(id: Uint8Array | string): Result<Uint8Array> {
  const bytes = typeof id === 'string' ? fromHex(id, 32) : id;
  return bytes?.length === 32
    ? ok(bytes)
    : fail('client-transaction-id', 'A transaction id is 32 bytes, or 64 characters of hex.');
}
