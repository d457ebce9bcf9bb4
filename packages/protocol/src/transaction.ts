import { ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { concatBytes, readU32, readU64, writeU32 } from '@iotw/kernel/bytes';
import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from './domains.js';
import { MAX_MEMO_BYTES, MAX_OPERATIONS, MAX_TRANSACTION_BYTES } from './limits.js';
import { OP, OPERATION_NAMES, OPERATION_TYPES, type Operation, OperationUnion } from './operations.js';
import { Bytes32, bytesUpTo, decodeSsz, U64 } from './ssz.js';

/** 1..1,024 operations of one account under one signature; all apply or none (spec: clause 4). */
export interface Transaction {
  /** Ed25519 key of the account that acts and pays. */
  readonly sender: Uint8Array;
  readonly sequence: number;
  /** Last agreed (round) time at which it may be included, ms. */
  readonly expiryMs: number;
  readonly operations: readonly Operation[];
  readonly memo: Uint8Array;
}

export const TransactionType = new ContainerType(
  {
    sender: Bytes32,
    sequence: U64,
    expiryMs: U64,
    operations: new ListCompositeType(OperationUnion, MAX_OPERATIONS),
    memo: bytesUpTo(MAX_MEMO_BYTES),
  },
  { typeName: 'Transaction' },
);

/** Where things stand in an envelope: offset of the transaction (4 bytes), signature, transaction. */
export const ENVELOPE = {
  signature: 4,
  transaction: 68,
  sender: 68,
  sequence: 100,
  expiryMs: 108,
  operationsOffset: 116,
  memoOffset: 120,
  operations: 124,
} as const;
const FIXED = ENVELOPE.operations - ENVELOPE.transaction;

export function encodeTransaction(tx: Transaction): Uint8Array {
  return TransactionType.serialize({
    sender: tx.sender,
    sequence: tx.sequence,
    expiryMs: tx.expiryMs,
    operations: tx.operations.map((operation) => ({
      selector: OP[operation.type],
      value: operation,
    })) as never,
    memo: tx.memo,
  });
}

/** The id, and what the sender signs. `bytes`: the encoded transaction without signature. */
export function transactionId(network: Uint8Array, bytes: Uint8Array): Uint8Array {
  return signingDigest(DOMAIN.transaction, network, bytes);
}

/** The envelope: offset, signature, transaction. */
export function encodeEnvelope(transaction: Uint8Array, signature: Uint8Array): Uint8Array {
  const offset = new Uint8Array(4);
  writeU32(offset, 0, ENVELOPE.transaction);
  return concatBytes(offset, signature, transaction);
}

export interface SignedTransaction {
  readonly id: Uint8Array;
  readonly envelope: Uint8Array;
}

export function signTransaction(network: Uint8Array, tx: Transaction, keys: KeyPair): SignedTransaction {
  const bytes = encodeTransaction(tx);
  const id = transactionId(network, bytes);
  return { id, envelope: encodeEnvelope(bytes, sign(id, keys.secretKey)) };
}

/**
 * Checks the envelope's frame without decoding operations: lengths, offsets, bounds of the operations'
 * offset table. What passes can be read in place by `EnvelopeReader`-style code (see ledger).
 * Errors: `transaction-malformed`, `transaction-too-large`.
 */
export function checkEnvelopeFrame(b: Uint8Array): Result<{ readonly count: number }> {
  if (b.length > MAX_TRANSACTION_BYTES) {
    return fail(
      'transaction-too-large',
      `A transaction has at most ${MAX_TRANSACTION_BYTES} bytes, this has ${b.length}: split it.`,
    );
  }
  if (b.length < ENVELOPE.operations + 4 || readU32(b, 0) !== ENVELOPE.transaction)
    return malformed('its frame is wrong');
  if (readU32(b, ENVELOPE.operationsOffset) !== FIXED)
    return malformed('its operations do not start where they must');
  const end = readU32(b, ENVELOPE.memoOffset) + ENVELOPE.transaction;
  if (end > b.length || end < ENVELOPE.operations + 4)
    return malformed('its operations do not end within it');
  if (b.length - end > MAX_MEMO_BYTES) return malformed(`its memo is longer than ${MAX_MEMO_BYTES} bytes`);
  const first = readU32(b, ENVELOPE.operations);
  const count = first / 4;
  if (first % 4 !== 0 || count < 1 || count > MAX_OPERATIONS)
    return malformed(`it must hold 1..${MAX_OPERATIONS} operations`);
  const length = end - ENVELOPE.operations;
  let from = first;
  if (from > length) return malformed('an operation lies outside it');
  for (let i = 0; i < count; i++) {
    const to = i + 1 < count ? readU32(b, ENVELOPE.operations + 4 * (i + 1)) : length;
    if (to <= from || to > length) return malformed('an operation is empty or lies outside it');
    if (b[ENVELOPE.operations + from]! >= OPERATION_NAMES.length)
      return malformed(`operation ${i} has an unknown type`);
    from = to;
  }
  if (
    !Number.isSafeInteger(readU64(b, ENVELOPE.sequence)) ||
    !Number.isSafeInteger(readU64(b, ENVELOPE.expiryMs))
  ) {
    return malformed('its sequence or expiry is above 2^53-1');
  }
  return ok({ count });
}

function malformed(what: string): Result<never> {
  return fail('transaction-malformed', `The transaction can't be read: ${what}. See spec clause 4.`);
}

/**
 * Decodes one operation from its union bytes (selector and value).
 * Errors: `malformed`.
 */
export function decodeOperation(bytes: Uint8Array): Result<Operation> {
  const name = OPERATION_NAMES[bytes[0] ?? 255];
  if (name === undefined) return fail('malformed', 'The operation has an unknown type.');
  const value = decodeSsz<object>(OPERATION_TYPES[name] as never, bytes.subarray(1), name);
  if (!value.ok) return value;
  return ok({ type: name, ...value.value } as Operation);
}

/** Decodes a whole envelope to plain objects (cold path). Errors: `transaction-malformed`, `transaction-too-large`. */
export function decodeEnvelope(
  envelope: Uint8Array,
): Result<{ readonly transaction: Transaction; readonly signature: Uint8Array }> {
  const frame = checkEnvelopeFrame(envelope);
  if (!frame.ok) return frame;
  const decoded = decodeSsz(TransactionType, envelope.subarray(ENVELOPE.transaction), 'transaction');
  if (!decoded.ok) return malformed(decoded.error.message);
  const { sender, sequence, expiryMs, operations, memo } = decoded.value;
  return ok({
    signature: envelope.slice(ENVELOPE.signature, ENVELOPE.transaction),
    transaction: {
      sender,
      sequence,
      expiryMs,
      memo,
      operations: operations.map(
        (o) => ({ type: OPERATION_NAMES[o.selector]!, ...(o.value as object) }) as Operation,
      ),
    },
  });
}
