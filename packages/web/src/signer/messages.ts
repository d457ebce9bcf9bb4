import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { MAX_TRANSACTION_BYTES } from '@iotw/protocol/limits';
import { hasOnly, isRecord, MAX_ACCOUNT_NAME } from '@iotw/sdk/wallet/contents';

/**
 * What the app and the signer say to each other (spec/adr/0023): the app asks, the signer answers, shows itself when a
 * person has to decide, and never lets a secret out. Both ends check where a message comes from.
 */

export type SignerLanguage = 'en' | 'zh-Hant';
export type SignerTheme = 'light' | 'dark';

export type SignerRequest =
  /** How the signer looks; it changes nothing else. */
  | { readonly type: 'look'; readonly language: SignerLanguage; readonly theme: SignerTheme }
  | { readonly type: 'state' }
  /** Each of these shows a screen, and answers with the state behind it. */
  | { readonly type: 'create' }
  | { readonly type: 'import' }
  | { readonly type: 'unlock' }
  | { readonly type: 'backup' }
  | { readonly type: 'settings' }
  | { readonly type: 'lock' }
  | { readonly type: 'add-account'; readonly name: string }
  /** Shows what the transaction does; signs after a click there. */
  | {
      readonly type: 'sign';
      readonly account: number;
      readonly transaction: Uint8Array;
      /** Whose key makes the statements that makers and batches sign, where the transaction leaves them empty; `account` unless named. */
      readonly statements?: number;
    }
  /** The new owner's acceptance of a device, good for one hand-over. */
  | {
      readonly type: 'accept-handover';
      readonly account: number;
      readonly device: Uint8Array;
      readonly from: Uint8Array;
      readonly changes: number;
    }
  /** The owner's word on the data of a device's use (spec: 4.10); `timeMs`: agreed time. */
  | {
      readonly type: 'consent';
      readonly account: number;
      readonly device: Uint8Array;
      readonly changes: number;
      readonly share: boolean;
      readonly timeMs: number;
    };

export type SignerRequestType = SignerRequest['type'];

export interface SignerAccount {
  readonly name: string;
  readonly account: number;
  /** Public key of the account, 32 bytes. */
  readonly key: Uint8Array;
}

export interface SignerState {
  readonly vault: 'none' | 'locked' | 'unlocked';
  readonly accounts: readonly SignerAccount[];
  /** Whether the person has shown that the words are written down. */
  readonly backedUp: boolean;
  readonly passkey: boolean;
}

/** What the answers hold. */
export interface SignerAnswers {
  look: SignerState;
  state: SignerState;
  create: SignerState;
  import: SignerState;
  unlock: SignerState;
  backup: SignerState;
  settings: SignerState;
  lock: SignerState;
  'add-account': SignerState;
  sign: { readonly id: Uint8Array; readonly envelope: Uint8Array };
  'accept-handover': { readonly acceptance: Uint8Array };
  consent: { readonly signature: Uint8Array };
}

/** From the app to the signer. */
export interface SignerCall {
  readonly iotwSigner: 1;
  readonly id: number;
  readonly request: SignerRequest;
}

/** From the signer to the app. */
export type SignerEvent =
  | { readonly iotwSigner: 1; readonly kind: 'ready' }
  | { readonly iotwSigner: 1; readonly kind: 'show'; readonly visible: boolean }
  | { readonly iotwSigner: 1; readonly kind: 'state'; readonly state: SignerState }
  | {
      readonly iotwSigner: 1;
      readonly kind: 'answer';
      readonly id: number;
      readonly answer: Result<unknown, Failure>;
    };

const PLAIN: readonly string[] = ['state', 'create', 'import', 'unlock', 'backup', 'settings', 'lock'];
const MAX_ACCOUNT = 2 ** 31 - 1;

/** Whether `data` speaks this protocol at all: other messages of a page are none of ours. */
export function isSignerMessage(data: unknown): data is Record<string, unknown> {
  return isRecord(data) && data.iotwSigner === 1;
}

/**
 * Reads a call, which may come from hostile page code: exactly the members of its type, each within its bounds.
 * `undefined`: not even a call that could be answered. Code of the request: `signer-request`.
 */
export function readCall(
  data: unknown,
): { readonly id: number; readonly request: Result<SignerRequest> } | undefined {
  if (!isSignerMessage(data)) return undefined;
  const { id, request } = data;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return undefined;
  return { id, request: readRequest(request) };
}

function readRequest(value: unknown): Result<SignerRequest> {
  if (!isRecord(value) || typeof value.type !== 'string') return wrong('has a type');
  const { type } = value;
  if (PLAIN.includes(type)) {
    return hasOnly(value, ['type']) ? ok({ type } as SignerRequest) : wrong(`"${type}" has no other member`);
  }
  switch (type) {
    case 'look': {
      const { language, theme } = value;
      const known =
        hasOnly(value, ['type', 'language', 'theme']) &&
        (language === 'en' || language === 'zh-Hant') &&
        (theme === 'light' || theme === 'dark');
      return known ? ok({ type, language, theme }) : wrong('"look" names a language and a theme it knows');
    }
    case 'add-account': {
      const { name } = value;
      const good =
        hasOnly(value, ['type', 'name']) &&
        typeof name === 'string' &&
        name.length >= 1 &&
        name.length <= MAX_ACCOUNT_NAME;
      return good
        ? ok({ type, name })
        : wrong(`"add-account" has a name of 1 to ${MAX_ACCOUNT_NAME} letters`);
    }
    case 'sign': {
      const { account, transaction, statements } = value;
      const members = ['type', 'account', 'transaction', ...('statements' in value ? ['statements'] : [])];
      if (!hasOnly(value, members) || !isAccount(account)) {
        return wrong('"sign" names an account and a transaction');
      }
      if (!(transaction instanceof Uint8Array) || transaction.length > MAX_TRANSACTION_BYTES) {
        return wrong('"sign" has the bytes of one transaction');
      }
      // A copy: page code must not change the bytes between the screen and the signature.
      const copy = { type, account, transaction: transaction.slice() } as const;
      if (!('statements' in value)) return ok(copy);
      return isAccount(statements)
        ? ok({ ...copy, statements })
        : wrong('"sign" names the account that makes its statements by its number');
    }
    case 'accept-handover': {
      const { account, device, from, changes } = value;
      const good =
        hasOnly(value, ['type', 'account', 'device', 'from', 'changes']) &&
        isAccount(account) &&
        isKey(device) &&
        isKey(from) &&
        isChanges(changes);
      return good
        ? ok({ type, account, device: device.slice(), from: from.slice(), changes })
        : wrong('"accept-handover" names an account, a device, its owner and the count of changes');
    }
    case 'consent': {
      const { account, device, changes, share, timeMs } = value;
      const good =
        hasOnly(value, ['type', 'account', 'device', 'changes', 'share', 'timeMs']) &&
        isAccount(account) &&
        isKey(device) &&
        isChanges(changes) &&
        typeof share === 'boolean' &&
        typeof timeMs === 'number' &&
        Number.isSafeInteger(timeMs) &&
        timeMs >= 0;
      return good
        ? ok({ type, account, device: device.slice(), changes, share, timeMs })
        : wrong('"consent" names an account, a device, the count of changes, yes or no, and a time');
    }
    default:
      return wrong('has a type it knows');
  }
}

function isAccount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_ACCOUNT;
}

function isChanges(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}

function isKey(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === 32;
}

function wrong(rule: string): Result<never> {
  return fail('signer-request', `The signer can't do this: a request ${rule}.`);
}
