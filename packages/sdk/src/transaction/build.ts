import { utf8 } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { MAX_MEMO_BYTES, MAX_OPERATIONS, MAX_TRANSACTION_BYTES } from '@iotw/protocol/limits';
import type { Operation } from '@iotw/protocol/operations';
import {
  ENVELOPE,
  encodeTransaction,
  type SignedTransaction,
  signTransaction,
  type Transaction,
} from '@iotw/protocol/transaction';

/** How long a transaction may wait to be included unless told otherwise, ms. */
export const DEFAULT_EXPIRY_MS = 600_000;

export interface TransactionRequest {
  /** Ed25519 key of the account that acts and pays; 32 bytes. */
  readonly sender: Uint8Array;
  /** From SequenceAllocator. */
  readonly sequence: number;
  /** What the builders give, in order; the first that failed is the outcome. */
  readonly operations: readonly (Operation | Result<Operation>)[];
  /** Last agreed time for inclusion, ms; ten minutes from now by this machine's clock unless given. */
  readonly expiryMs?: number;
  /** Public text, at most 256 bytes of UTF-8. */
  readonly memo?: string | Uint8Array;
}

/**
 * A transaction ready to be signed, within the protocol's bounds.
 * Codes: those of the operations' builders; `transaction-request` (a field is out of its range; data.field),
 * `transaction-too-large`.
 */
export function buildTransaction(request: TransactionRequest): Result<Transaction> {
  const { sender, sequence, expiryMs = Date.now() + DEFAULT_EXPIRY_MS } = request;
  const operations: Operation[] = [];
  for (const operation of request.operations) {
    if ('ok' in operation) {
      if (!operation.ok) return operation;
      operations.push(operation.value);
    } else operations.push(operation);
  }
  const memo = typeof request.memo === 'string' ? utf8(request.memo) : (request.memo ?? new Uint8Array(0));
  if (sender.length !== 32) return refuse('sender', "is the account's key of 32 bytes");
  if (!Number.isSafeInteger(sequence) || sequence < 1) return refuse('sequence', 'counts from 1');
  if (!Number.isSafeInteger(expiryMs) || expiryMs < 0) {
    return refuse('expiryMs', 'is a time in milliseconds since 1970');
  }
  if (operations.length < 1 || operations.length > MAX_OPERATIONS) {
    return refuse('operations', `are 1 to ${MAX_OPERATIONS}; split what is more`);
  }
  if (memo.length > MAX_MEMO_BYTES) return refuse('memo', `has at most ${MAX_MEMO_BYTES} bytes`);
  const transaction: Transaction = { sender, sequence, expiryMs, operations, memo };
  const length = ENVELOPE.transaction + encodeTransaction(transaction).length;
  if (length > MAX_TRANSACTION_BYTES) {
    return fail(
      'transaction-too-large',
      `A transaction has at most ${MAX_TRANSACTION_BYTES} bytes, this has ${length}: split it.`,
    );
  }
  return ok(transaction);
}

/**
 * Builds and signs in one step; the sender is the key pair's. `network`: the 32-byte network id, known
 * beforehand and never taken from the server alone. Codes: those of `buildTransaction`.
 */
export function buildSigned(
  network: Uint8Array,
  keys: KeyPair,
  request: Omit<TransactionRequest, 'sender'>,
): Result<SignedTransaction & { readonly transaction: Transaction }> {
  const transaction = buildTransaction({ ...request, sender: keys.publicKey });
  if (!transaction.ok) return transaction;
  return ok({ ...signTransaction(network, transaction.value, keys), transaction: transaction.value });
}

function refuse(field: string, rule: string): Result<never> {
  return fail('transaction-request', `The transaction's ${field} ${rule}.`, { field });
}
