import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import { batchDigest, makerHostsDigest, registerDigest, revokeDigest } from '@iotw/protocol/digests';
import type { Operation } from '@iotw/protocol/operations';
import type { Transaction } from '@iotw/protocol/transaction';

/** Whether a statement waits for its signature: nobody's signature is all zeros. */
export function isUnsigned(signature: Uint8Array): boolean {
  return signature.every((byte) => byte === 0);
}

/**
 * The transaction with what a maker's root or a batch signs in its operations (spec: clause 4) made by `keys` where it was left empty: one screen, one
 * decision. What somebody else has signed stays.
 */
export function withStatements(network: Uint8Array, transaction: Transaction, keys: KeyPair): Transaction {
  const operations = transaction.operations.map((operation) => complete(network, operation, keys));
  return { ...transaction, operations };
}

function complete(network: Uint8Array, operation: Operation, { secretKey }: KeyPair): Operation {
  switch (operation.type) {
    case 'makerBatch':
      return isUnsigned(operation.signature)
        ? { ...operation, signature: sign(batchDigest(network, operation), secretKey) }
        : operation;
    case 'makerHosts':
      return isUnsigned(operation.signature)
        ? { ...operation, signature: sign(makerHostsDigest(network, operation), secretKey) }
        : operation;
    case 'deviceRevoke':
      return isUnsigned(operation.signature)
        ? { ...operation, signature: sign(revokeDigest(network, operation), secretKey) }
        : operation;
    case 'deviceRegister':
      return isUnsigned(operation.batchSignature)
        ? { ...operation, batchSignature: sign(registerDigest(network, operation), secretKey) }
        : operation;
    default:
      return operation;
  }
}
