import { equalBytes, fromUtf8 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { encodeAddress } from '@iotw/protocol/address';
import type { Operation } from '@iotw/protocol/operations';
import {
  decodeEnvelope,
  encodeEnvelope,
  encodeTransaction,
  type Transaction,
} from '@iotw/protocol/transaction';
import { transactionToJson } from '@iotw/protocol/transaction-json';
import { formatAmount } from '@iotw/sdk/transaction/amount';
import { estimateFee } from '@iotw/sdk/transaction/fee';
import type { NetworkCard } from './network-card.ts';

/** A field of what is signed: `label` is a key of the texts (or a field's own name), `value` is shown as it stands. */
export interface ShownField {
  readonly label: string;
  readonly value: string;
  /** Key of the texts that says the value in words, such as `kind.parameters`. */
  readonly word?: string;
}

export interface ShownOperation {
  /** Name of the operation: a key of the texts under `operation`. */
  readonly name: Operation['type'];
  /** What leaves the account, base units; undefined: nothing by this operation alone. */
  readonly pays: number | undefined;
  readonly fields: readonly ShownField[];
  /** Devices that are registered alike, one line of bytes each; the fields are what they have in common. */
  readonly alike?: readonly string[];
}

/** Everything a transaction says, decoded from the very bytes that will be signed. */
export interface ShownTransaction {
  readonly operations: readonly ShownOperation[];
  readonly memo: string;
  readonly fields: readonly ShownField[];
  /** What the fee is by the parameters of the page's start, base units. */
  readonly fee: number;
  /** Sum of what the operations pay, base units, without the fee. */
  readonly total: number;
}

/**
 * Decodes the bytes of a transaction (without signature) and says all of it: a byte that no field tells of makes it
 * unreadable, so nothing can hide. Codes: `signer-transaction`, `signer-sender` (not this account's).
 */
export function describeTransaction(
  bytes: Uint8Array,
  sender: Uint8Array,
  card: NetworkCard,
): Result<{ readonly transaction: Transaction; readonly shown: ShownTransaction }> {
  const decoded = decodeEnvelope(encodeEnvelope(bytes, new Uint8Array(64)));
  if (!decoded.ok) return unreadable(decoded.error.message);
  const { transaction } = decoded.value;
  if (!equalBytes(encodeTransaction(transaction), bytes))
    return unreadable('its bytes are not in their one form');
  if (!equalBytes(transaction.sender, sender)) {
    return fail('signer-sender', 'The transaction names another sender than the account that is to sign it.');
  }
  const memo = fromUtf8(transaction.memo);
  if (memo === undefined) return unreadable('its memo is no text');
  const json = transactionToJson(transaction, card.prefix);
  const forms = json.operations as readonly Record<string, unknown>[];
  const operations = showOperations(transaction.operations, forms);
  const fee = estimateFee(card, transaction.operations);
  return ok({
    transaction,
    shown: {
      operations,
      memo,
      fields: [
        { label: 'from', value: encodeAddress(card.prefix, 0, transaction.sender) },
        { label: 'network', value: card.name },
        { label: 'expiry', value: timeText(transaction.expiryMs) },
        { label: 'sequence', value: String(transaction.sequence) },
      ],
      fee: fee.total,
      total: operations.reduce((sum, { pays }) => sum + (pays ?? 0), 0),
    },
  });
}

function showOperations(
  operations: readonly Operation[],
  forms: readonly Readonly<Record<string, unknown>>[],
): ShownOperation[] {
  const shown: ShownOperation[] = [];
  operations.forEach((operation, i) => {
    const next =
      operation.type === 'deviceRegister' ? showDevice(forms[i]!) : showOperation(operation, forms[i]!);
    const last = shown.at(-1);
    const alike =
      next.alike !== undefined &&
      last?.alike !== undefined &&
      JSON.stringify(last.fields) === JSON.stringify(next.fields);
    if (alike) shown[shown.length - 1] = { ...last, alike: [...last.alike!, ...next.alike!] };
    else shown.push(next);
  });
  return shown;
}

/** A device to register: what a whole delivery has in common, and its own key with the signatures about it. */
function showDevice(form: Readonly<Record<string, unknown>>): ShownOperation {
  const { type: _, key, deviceSignature, batchSignature, ...common } = form;
  const made = batchSignature === UNSIGNED;
  const fields = Object.entries(common).flatMap(([name, value]) => fieldsOf(name, value));
  if (made) fields.push({ label: 'batchSignature', value: UNSIGNED, word: 'made' });
  const alike = [`${key} ${deviceSignature}${made ? '' : ` ${batchSignature}`}`];
  return { name: 'deviceRegister', pays: undefined, fields, alike };
}

function showOperation(operation: Operation, form: Readonly<Record<string, unknown>>): ShownOperation {
  const fields = Object.entries(form).flatMap(([name, value]) =>
    name === 'type' ? [] : fieldsOf(name, value),
  );
  return { name: operation.type, pays: paid(operation), fields };
}

const AMOUNTS: readonly string[] = ['amount', 'credit', 'bond'];

/** A statement's signature that the signer makes with the transaction's. */
const UNSIGNED = '00'.repeat(64);

/** Nested values become one line each, named by their path. */
function fieldsOf(name: string, value: unknown): ShownField[] {
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    return entries.length === 0
      ? [{ label: name, value: '–' }]
      : entries.flatMap(([key, inner]) => fieldsOf(`${name}.${key}`, inner));
  }
  if (name === 'kind' && typeof value === 'string') return [{ label: name, value, word: `kind.${value}` }];
  if (name === 'approve') return [{ label: name, value: String(value), word: `approve.${value}` }];
  if (name === 'signature' && value === UNSIGNED) return [{ label: name, value: UNSIGNED, word: 'made' }];
  if (AMOUNTS.includes(name) && typeof value === 'number') {
    return [{ label: name, value: `${formatAmount(value)} IOTW` }];
  }
  if (name === 'deliveryMs' && typeof value === 'number' && value > 0) {
    return [{ label: name, value: timeText(value) }];
  }
  return [{ label: name, value: value === '' ? '–' : String(value) }];
}

/** Beyond what a calendar knows, the number itself. */
function timeText(ms: number): string {
  return ms <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}

const BUYER = 0;

function paid(operation: Operation): number | undefined {
  switch (operation.type) {
    case 'transfer':
    case 'transferToKey':
    case 'refund':
      return operation.amount;
    case 'trade':
      return operation.side === BUYER ? operation.amount : undefined;
    case 'laneFund':
      return operation.credit + operation.bond;
    default:
      return undefined;
  }
}

function unreadable(why: string): Result<never> {
  return fail('signer-transaction', `The signer signs only what it can show, and this can't be read: ${why}`);
}
