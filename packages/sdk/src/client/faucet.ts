import type { Result } from '@iotw/kernel/result';
import { type AccountName, accountText } from './accounts.js';
import { readResult } from './answer.js';
import type { Connection } from './connection.js';
import { callJson } from './request.js';

export interface FaucetGrant {
  /** Transaction that carries the money, hex: wait for its receipt. */
  readonly id: string;
  readonly [more: string]: unknown;
}

/**
 * POST /v1/faucet: test money for an address (or 32-byte key), on networks that give it away. Not
 * repeated by itself. Codes: those of a call, `faucet-off`, `faucet-limit`, `faucet-busy`.
 */
export async function faucet(
  connection: Connection,
  account: AccountName,
  options: { readonly amount?: number; readonly signal?: AbortSignal } = {},
): Promise<Result<FaucetGrant>> {
  const { amount, signal } = options;
  const answer = await callJson(connection, {
    method: 'POST',
    path: '/v1/faucet',
    body: { address: accountText(account), ...(amount === undefined ? {} : { amount }) },
    timeoutMs: FAUCET_TIMEOUT_MS,
    signal,
  });
  return readResult<FaucetGrant>(answer, { id: 'string' });
}

/** The faucet may wait until its own transaction is final. */
const FAUCET_TIMEOUT_MS = 40_000;
