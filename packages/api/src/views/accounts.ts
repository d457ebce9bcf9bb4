import { fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { decodeAddress } from '@iotw/protocol/address';
import { z } from 'zod';
import { type ApiContext, addressOf } from '../context.js';
import { MAX_BALANCES, PAGE_SCAN_ROWS } from '../limits.js';
import { Address, Amount, Count, Hex32 } from './forms.js';
import { type Page, type PageQuery, pageOfRows } from './page.js';

export const AccountSchema = z
  .object({
    number: z.int(),
    address: Address,
    key: Hex32,
    balance: Amount,
    sequence: z.int().describe('highest used; 0 before the first'),
    nextSequence: z.int().describe('the next one to use'),
    usedBitmap: z.string().describe('64 bits in hex: bit i tells whether sequence - i is used'),
    changedRound: z.int().describe('round that last changed it; 0: the genesis'),
  })
  .meta({ id: 'Account' });
export type AccountView = z.infer<typeof AccountSchema>;

/** Account number of an address, a 32-byte key in hex or a number. Errors: those of addresses, `account-not-found`. */
export function resolveAccount(context: ApiContext, text: string): Result<number> {
  const { accounts } = context.backend.ledger;
  const key = fromHex(text, 32);
  if (key === undefined && /^(0|[1-9][0-9]{0,9})$/.test(text)) {
    const number = Number(text);
    return number < accounts.rows ? ok(number) : unknown(text);
  }
  if (key !== undefined) return known(accounts.find(key), text);
  const address = decodeAddress(text, context.prefix);
  return address.ok ? known(accounts.find(address.value.payload), text) : address;
}

function known(number: number, text: string): Result<number> {
  return number < 0 ? unknown(text) : ok(number);
}

function unknown(text: string): Result<never> {
  return fail(
    'account-not-found',
    `There is no account ${text}: it comes into being when it is first credited.`,
  );
}

export function accountView(context: ApiContext, number: number): AccountView {
  const { accounts } = context.backend.ledger;
  const key = accounts.key(number);
  const sequence = accounts.sequence(number);
  const hexWord = (word: number) => word.toString(16).padStart(8, '0');
  return {
    number,
    address: addressOf(context, key),
    key: toHex(key),
    balance: accounts.balance(number),
    sequence,
    nextSequence: sequence + 1,
    usedBitmap: hexWord(accounts.used(number, 1)) + hexWord(accounts.used(number, 0)),
    changedRound: accounts.changedRound(number),
  };
}

/** Accounts by number. Errors: `cursor-invalid`. */
export function accountPage(context: ApiContext, query: PageQuery): Result<Page<AccountView>> {
  const { rows } = context.backend.ledger.accounts;
  return pageOfRows('account', query, rows, PAGE_SCAN_ROWS, (number) => accountView(context, number));
}

export const BalancesSchema = z
  .object({
    round: Count.describe('all balances are of the state after this round'),
    balances: z.array(Amount).describe('in the order asked for'),
  })
  .meta({ id: 'Balances' });

/**
 * Balances of several accounts in one state, by `address,address,...`. Errors: `too-many-accounts`, those of
 * resolveAccount.
 */
export function balancesView(context: ApiContext, list: string): Result<z.infer<typeof BalancesSchema>> {
  const { ledger } = context.backend;
  const names = list.split(',');
  if (names.length > MAX_BALANCES) {
    return fail('too-many-accounts', `At most ${MAX_BALANCES} accounts can be read at once.`);
  }
  const balances: number[] = [];
  for (const name of names) {
    const account = resolveAccount(context, name);
    if (!account.ok) return account;
    balances.push(ledger.accounts.balance(account.value));
  }
  return ok({ round: ledger.round, balances });
}
