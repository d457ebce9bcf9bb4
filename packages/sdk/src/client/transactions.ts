import { toHex } from '@iotw/kernel/bytes';
import type { Result } from '@iotw/kernel/result';
import { type AccountName, accountText } from './accounts.js';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { eachEntry, getPage, type Page, type PageOptions } from './pages.js';
import { callJson, path } from './request.js';

/** A transaction that a round holds. It is the server's word: verify the receipt before you hand over goods. */
export interface TransactionInfo {
  /** Hex. */
  readonly id: string;
  readonly status: 'final' | 'failed';
  /** Anybody can check its receipt without the server by now. */
  readonly provable: boolean;
  /** `ok`, or why it failed. */
  readonly code: string;
  /** Base units. */
  readonly fee: number;
  readonly round: number;
  /** Place among the round's results. */
  readonly position: number;
  /** Agreed time, ms. */
  readonly timeMs: number;
  readonly block: {
    readonly lane: number;
    readonly height: number;
    readonly hash: string;
    readonly index: number;
  };
  /** JSON form of protocol/transaction-json; null where its bytes can't be read. */
  readonly transaction: Readonly<Record<string, unknown>> | null;
}

const FIELDS = {
  id: 'string',
  status: 'string',
  provable: 'boolean',
  code: 'string',
  fee: 'number',
  round: 'number',
  position: 'number',
  timeMs: 'number',
  block: 'object',
  transaction: 'any',
} as const;

/** GET /v1/transactions/:id. Codes: those of a call, `transaction-not-found` (it may still wait). */
export async function getTransaction(
  connection: Connection,
  id: Uint8Array | string,
): Promise<Result<TransactionInfo>> {
  const text = typeof id === 'string' ? id : toHex(id);
  return readResult<TransactionInfo>(
    await callJson(connection, { path: path`/v1/transactions/${text}` }),
    FIELDS,
  );
}

/**
 * An account's transactions, newest first, page after page. A failure is the last thing it gives.
 * Codes: those of a call, `cursor-invalid`.
 */
export function listAccountTransactions(
  connection: Connection,
  account: AccountName,
  options: PageOptions = {},
): AsyncGenerator<Result<TransactionInfo>, void, void> {
  return eachEntry(connection, path`/v1/accounts/${accountText(account)}/transactions`, options, (json) =>
    readAnswer<TransactionInfo>(json, FIELDS),
  );
}

/** GET /v1/transactions: one page of all accounts' transactions, newest first. Codes: those of a call, `cursor-invalid`. */
export function getTransactionPage(
  connection: Connection,
  options: PageOptions = {},
): Promise<Result<Page<TransactionInfo>>> {
  return getPage(connection, '/v1/transactions', options, readTransaction);
}

/** One page of an account's transactions, newest first. Codes: those of a call, `account-not-found`, `cursor-invalid`. */
export function getAccountTransactionPage(
  connection: Connection,
  account: AccountName,
  options: PageOptions = {},
): Promise<Result<Page<TransactionInfo>>> {
  return getPage(
    connection,
    path`/v1/accounts/${accountText(account)}/transactions`,
    options,
    readTransaction,
  );
}

const readTransaction = (json: unknown) => readAnswer<TransactionInfo>(json, FIELDS);
