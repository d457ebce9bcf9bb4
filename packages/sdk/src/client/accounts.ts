import { toHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { SequenceAllocator } from '../transaction/sequence.js';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { getPage, type Page, type PageOptions } from './pages.js';
import { callJson, path } from './request.js';

export interface AccountInfo {
  /** The compact number that transfers may name. */
  readonly number: number;
  readonly address: string;
  /** Hex. */
  readonly key: string;
  /** Base units. */
  readonly balance: number;
  /** Highest used; 0 before the first. */
  readonly sequence: number;
}

/** An account by address, 32-byte key or number. */
export type AccountName = string | number | Uint8Array;

/** The text that stands for an account in paths. */
export function accountText(account: AccountName): string {
  return account instanceof Uint8Array ? toHex(account) : String(account);
}

/**
 * GET /v1/accounts/:address. Codes: those of a call, `account-not-found` (nobody has credited it yet),
 * the address codes.
 */
export async function getAccount(connection: Connection, account: AccountName): Promise<Result<AccountInfo>> {
  const answer = await callJson(connection, { path: path`/v1/accounts/${accountText(account)}` });
  return readResult<AccountInfo>(answer, ACCOUNT);
}

const ACCOUNT = {
  number: 'number',
  address: 'string',
  key: 'string',
  balance: 'number',
  sequence: 'number',
} as const;

/** GET /v1/accounts: one page, by number. Codes: those of a call, `cursor-invalid`. */
export function getAccountPage(
  connection: Connection,
  options: PageOptions = {},
): Promise<Result<Page<AccountInfo>>> {
  return getPage(connection, '/v1/accounts', options, (json) => readAnswer<AccountInfo>(json, ACCOUNT));
}

/** Sequence numbers for an account from where the ledger stands. Codes: those of `getAccount`. */
export async function sequencesOf(
  connection: Connection,
  account: AccountName,
): Promise<Result<SequenceAllocator>> {
  const info = await getAccount(connection, account);
  return info.ok ? ok(new SequenceAllocator(info.value.sequence)) : info;
}
