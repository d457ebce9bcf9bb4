/** Transactions and envelopes as JSON for people (spec: clause 13); the SSZ form alone is signed and stored. */
import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { AddressPrefix } from './address.js';
import {
  account,
  bytes32,
  bytes64,
  hex,
  type JsonField,
  JsonReading,
  list,
  named,
  optional,
  pointerTo,
  readObject,
  record,
  text,
  u8,
  u16,
  u32,
  u64,
} from './json-fields.js';
import {
  MAX_ADDRESS_BYTES,
  MAX_DATA_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_ITEM_BYTES,
  MAX_MAKER_HOSTS,
  MAX_MEMO_BYTES,
  MAX_OPERATIONS,
  MAX_SEED_PROOF_BYTES,
  MAX_TRANSACTION_BYTES,
} from './limits.js';
import {
  DEVICE_CLASS,
  EVIDENCE_KIND,
  NODE_ROLE,
  OPERATION_NAMES,
  type Operation,
  type OperationName,
  REVOKE_KIND,
  TRADE_SIDE,
  VOTE_CHOICE,
} from './operations.js';
import { proposeField } from './proposal-json.js';
import {
  ENVELOPE,
  encodeEnvelope,
  encodeTransaction,
  type SignedTransaction,
  type Transaction,
  transactionId,
} from './transaction.js';

const none = () => new Uint8Array(0);
const zeros = () => new Uint8Array(32);
const zero = () => 0;

/** The fields of each operation beside `type`. */
const OPERATION_FIELDS: {
  readonly [N in OperationName]: JsonField<Omit<Extract<Operation, { type: N }>, 'type'>>;
} = {
  transfer: record({ to: u32, amount: u64 }, ['type']),
  transferToKey: record({ to: account, amount: u64 }, ['type']),
  trade: record(
    {
      side: named(TRADE_SIDE, 0xff),
      counterparty: account,
      amount: u64,
      quantity: optional(u32, () => 1),
      deliveryMs: optional(u64, zero),
      warrantyDays: optional(u16, zero),
      terms: optional(bytes32, zeros),
      item: text(MAX_ITEM_BYTES, none),
      data: text(MAX_DATA_BYTES, none),
      countersignature: optional(hex({ max: 64 }), none),
    },
    ['type'],
  ),
  refund: record({ transaction: bytes32, operation: u16, amount: u64 }, ['type']),
  propose: proposeField,
  makerBatch: record(
    { maker: u16, batch: u32, key: bytes32, quota: u32, activationEpochs: u16, signature: bytes64 },
    ['type'],
  ),
  deviceRegister: record(
    {
      key: bytes32,
      maker: u16,
      batch: u32,
      region: u8,
      deviceClass: named(DEVICE_CLASS, 0xff),
      batchSignature: bytes64,
      deviceSignature: bytes64,
    },
    ['type'],
  ),
  deviceClaim: record({ device: bytes32, deviceSignature: bytes64 }, ['type']),
  deviceRelease: record({ device: bytes32 }, ['type']),
  deviceRevoke: record(
    {
      maker: u16,
      kind: named(REVOKE_KIND, 0xff),
      device: optional(bytes32, zeros),
      batch: optional(u32, zero),
      signature: bytes64,
    },
    ['type'],
  ),
  presence: record({ device: u32, epoch: u32, host: u16, signature: bytes64 }, ['type']),
  ticket: record({ device: u32, epoch: u32, proof: hex({ length: 80 }) }, ['type']),
  evidence: record(
    {
      kind: named(EVIDENCE_KIND, 0xff),
      first: hex({ max: MAX_EVIDENCE_BYTES }),
      second: hex({ max: MAX_EVIDENCE_BYTES }),
    },
    ['type'],
  ),
  laneFund: record({ lane: u16, credit: optional(u64, zero), bond: optional(u64, zero) }, ['type']),
  keyRotate: record(
    { role: named(NODE_ROLE, 0xff), index: u16, key: bytes32, linkKey: bytes32, signature: bytes64 },
    ['type'],
  ),
  deviceHandover: record({ device: bytes32, to: account, acceptance: bytes64 }, ['type']),
  leftOutAnswer: record(
    { header: hex({ max: MAX_EVIDENCE_BYTES }), attestation: hex({ max: MAX_EVIDENCE_BYTES }) },
    ['type'],
  ),
  appeal: record(
    { attestation: hex({ max: MAX_EVIDENCE_BYTES }), header: hex({ max: MAX_EVIDENCE_BYTES }) },
    ['type'],
  ),
  vote: record({ proposal: u32, approve: named(VOTE_CHOICE, 0xff) }, ['type']),
  publicValue: record({ value: hex({ max: MAX_SEED_PROOF_BYTES }) }, ['type']),
  nodeAddress: record({ index: u16, address: text(MAX_ADDRESS_BYTES) }, ['type']),
  makerHosts: record({ maker: u16, change: u32, hosts: list(u16, MAX_MAKER_HOSTS), signature: bytes64 }, [
    'type',
  ]),
};

const operationField: JsonField<Operation> = {
  read: (json, pointer, reading) => {
    const object = readObject(json, pointer, reading);
    if (object === undefined) return undefined;
    const type = OPERATION_NAMES.find((name) => Object.hasOwn(object, 'type') && object.type === name);
    if (type === undefined) {
      return reading.refuse(pointerTo(pointer, 'type'), `must be one of ${OPERATION_NAMES.join(', ')}`);
    }
    if (type === 'transfer' && typeof object.to === 'string') {
      return reading.refuse(
        pointerTo(pointer, 'to'),
        'must be an account number; to send to an address or key use the type transferToKey',
      );
    }
    const value = OPERATION_FIELDS[type].read(object, pointer, reading);
    return value === undefined ? undefined : ({ type, ...value } as Operation);
  },
  write: (operation, prefix) => ({
    type: operation.type,
    ...((OPERATION_FIELDS[operation.type] as JsonField<object>).write(operation, prefix) as object),
  }),
};

const transactionField = record<{ -readonly [K in keyof Transaction]: Transaction[K] }>({
  sender: account,
  sequence: u64,
  expiryMs: u64,
  operations: list(operationField, MAX_OPERATIONS, 1) as JsonField<readonly Operation[]>,
  memo: text(MAX_MEMO_BYTES, none),
});

const envelopeFields = record<{ transaction: Transaction; signature: Uint8Array }>(
  { transaction: transactionField as JsonField<Transaction>, signature: bytes64 },
  ['id'],
);

/** A transaction as plain JSON: accounts as addresses under `prefix`, other keys, hashes and signatures as hex. */
export function transactionToJson(transaction: Transaction, prefix: AddressPrefix): Record<string, unknown> {
  return transactionField.write(transaction, prefix) as Record<string, unknown>;
}

/**
 * @public Reads the JSON form; accounts may be addresses under `prefix` or hex keys.
 * Errors: `transaction-json` (data.pointer: JSON pointer to the field that is wrong),
 * `transaction-too-large`. Never throws, whatever `json` is.
 */
export function transactionFromJson(json: unknown, prefix: AddressPrefix): Result<Transaction> {
  const reading = new JsonReading(prefix);
  const transaction = transactionField.read(json, '', reading);
  return transaction === undefined
    ? refused(reading)
    : withinLimit(transaction, encodeTransaction(transaction));
}

/** @public The envelope form `{ transaction, signature, id }`. */
export function envelopeToJson(
  network: Uint8Array,
  signed: { readonly transaction: Transaction; readonly signature: Uint8Array },
  prefix: AddressPrefix,
): Record<string, unknown> {
  const id = transactionId(network, encodeTransaction(signed.transaction));
  return { ...(envelopeFields.write(signed, prefix) as object), id: bytes32.write(id, prefix) };
}

/**
 * Reads the envelope form. `id` may be left out; one that is given must be the transaction's id on
 * `network`, so that a client notices at once that it speaks to another network. The signature is not
 * checked here. Errors: `transaction-json`, `transaction-too-large`. Never throws.
 */
export function envelopeFromJson(
  network: Uint8Array,
  json: unknown,
  prefix: AddressPrefix,
): Result<SignedTransaction & { readonly transaction: Transaction }> {
  const reading = new JsonReading(prefix);
  const signed = envelopeFields.read(json, '', reading);
  if (signed === undefined) return refused(reading);
  const bytes = encodeTransaction(signed.transaction);
  const checked = withinLimit(signed.transaction, bytes);
  if (!checked.ok) return checked;
  const id = transactionId(network, bytes);
  const given = (json as Record<string, unknown>).id;
  if (given !== undefined) {
    const claimed = bytes32.read(given, '/id', reading);
    if (claimed !== undefined && !equalBytes(claimed, id)) {
      reading.refuse(
        '/id',
        'is not the id of this transaction on this network: leave it out, or sign for this network',
      );
    }
    if (reading.fault !== undefined) return refused(reading);
  }
  return ok({ id, envelope: encodeEnvelope(bytes, signed.signature), transaction: signed.transaction });
}

function withinLimit(transaction: Transaction, bytes: Uint8Array): Result<Transaction> {
  const length = ENVELOPE.transaction + bytes.length;
  return length <= MAX_TRANSACTION_BYTES
    ? ok(transaction)
    : fail(
        'transaction-too-large',
        `A transaction has at most ${MAX_TRANSACTION_BYTES} bytes, this has ${length}: split it.`,
      );
}

function refused(reading: JsonReading): Result<never> {
  const { pointer, message } = reading.fault ?? { pointer: '', message: 'is wrong' };
  return fail('transaction-json', `The transaction's field ${pointer || '(the whole)'} ${message}.`, {
    pointer,
  });
}
