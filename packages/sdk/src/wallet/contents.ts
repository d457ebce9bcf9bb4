import { fail, ok, type Result } from '@iotw/kernel/result';
import { parseMnemonic } from './mnemonic.js';

/** A name the owner gave to an account number of the derivation path. */
export interface WalletAccount {
  /** 1..64 characters, unique in the wallet, no control characters. */
  readonly name: string;
  /** 0 .. 2^31-1, unique in the wallet; the `account` of `deriveKeyPair`. */
  readonly account: number;
}

/** What a key file protects: one mnemonic and the accounts in use. A BIP-39 passphrase is never stored. */
export interface WalletContents {
  readonly mnemonic: string;
  readonly accounts: readonly WalletAccount[];
}

export const MAX_WALLET_ACCOUNTS = 1024;
export const MAX_ACCOUNT_NAME = 64;

const MAX_ACCOUNT_NUMBER = 2 ** 31 - 1;

/**
 * Checks contents of any origin and returns them in their stored form. Failures name the place, never
 * what stands there.
 * Codes: `wallet-contents` (data.place), and those of `parseMnemonic`.
 */
export function checkWalletContents(value: unknown): Result<WalletContents> {
  if (!isRecord(value) || !hasOnly(value, ['mnemonic', 'accounts'])) {
    return wrong('contents', 'must hold a mnemonic and a list of accounts, nothing else');
  }
  if (typeof value.mnemonic !== 'string') return wrong('mnemonic', 'must be text');
  const mnemonic = parseMnemonic(value.mnemonic);
  if (!mnemonic.ok) return mnemonic;
  const list: unknown = value.accounts;
  if (!Array.isArray(list) || list.length > MAX_WALLET_ACCOUNTS) {
    return wrong('accounts', `must be a list of at most ${MAX_WALLET_ACCOUNTS} accounts`);
  }
  const accounts: WalletAccount[] = [];
  const names = new Set<string>();
  const numbers = new Set<number>();
  for (const [i, entry] of list.entries()) {
    const account = checkAccount(entry, `accounts[${i}]`);
    if (!account.ok) return account;
    if (names.has(account.value.name))
      return wrong(`accounts[${i}].name`, 'is used twice: choose another name');
    if (numbers.has(account.value.account))
      return wrong(`accounts[${i}].account`, 'is used twice: choose the next free number');
    names.add(account.value.name);
    numbers.add(account.value.account);
    accounts.push(account.value);
  }
  return ok({ mnemonic: mnemonic.value, accounts });
}

function checkAccount(value: unknown, place: string): Result<WalletAccount> {
  if (!isRecord(value) || !hasOnly(value, ['name', 'account'])) {
    return wrong(place, 'must hold a name and an account number, nothing else');
  }
  const { name, account } = value;
  if (typeof name !== 'string' || name.length < 1 || name.length > MAX_ACCOUNT_NAME) {
    return wrong(`${place}.name`, `must be text of 1 to ${MAX_ACCOUNT_NAME} characters`);
  }
  // A name goes to terminals and pages: control and half characters could disguise it.
  if (/\p{Control}|\p{Surrogate}/u.test(name) || name !== name.normalize('NFC').trim()) {
    return wrong(
      `${place}.name`,
      'must be plain text (NFC) without control characters or blanks at its ends',
    );
  }
  if (
    typeof account !== 'number' ||
    !Number.isInteger(account) ||
    account < 0 ||
    account > MAX_ACCOUNT_NUMBER
  ) {
    return wrong(`${place}.account`, `must be an integer from 0 to ${MAX_ACCOUNT_NUMBER}`);
  }
  return ok({ name, account });
}

function wrong(place: string, rule: string): Result<never> {
  return fail('wallet-contents', `The wallet's ${place} ${rule}.`, { place });
}

/** A plain JSON object: not null, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Exactly the named members: an unknown one may be a newer format's rule, so it is never ignored. */
export function hasOnly(value: Record<string, unknown>, names: readonly string[]): boolean {
  return Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
}
