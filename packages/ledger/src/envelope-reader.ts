import { readU32, readU64 } from '@iotw/kernel/bytes';
import { MAX_MEMO_BYTES, MAX_OPERATIONS, MAX_TRANSACTION_BYTES } from '@iotw/protocol/limits';
import { OP, OPERATION_NAMES, type Operation } from '@iotw/protocol/operations';
import { decodeOperation, ENVELOPE } from '@iotw/protocol/transaction';
import { isTrade, tradeCost } from './operations/trade.js';
import { TRANSFER_BYTES } from './operations/transfer.js';
import { TRANSFER_TO_KEY_BYTES } from './operations/transfer-to-key.js';

/**
 * Reads an envelope in place in a block body: the same acceptance as protocol's decodeEnvelope (a test
 * holds them together), without objects for transfers and trades. One instance is used over and over.
 */
export class EnvelopeReader {
  /** Start of the operations' offset table, of the memo (their end), and how many there are. */
  first = 0;
  end = 0;
  count = 0;
  /** Whether every operation is a presence or an election ticket. */
  ticketsOnly = false;
  /** Base units that its transfers, purchases, refunds and funds together take from the sender; at most 2^53-1. */
  spends = 0;
  /** Decoded operations where they are not read in place. */
  readonly decoded: (Operation | undefined)[] = [];

  /** Reads the envelope in b[start, stop); false where it is malformed. */
  read(b: Uint8Array, start: number, stop: number): boolean {
    const length = stop - start;
    const first = start + ENVELOPE.operations;
    if (length < ENVELOPE.operations + 4 || length > MAX_TRANSACTION_BYTES) return false;
    if (readU32(b, start) !== ENVELOPE.transaction) return false;
    if (readU32(b, start + ENVELOPE.operationsOffset) !== ENVELOPE.operations - ENVELOPE.transaction) {
      return false;
    }
    const end = start + ENVELOPE.transaction + readU32(b, start + ENVELOPE.memoOffset);
    if (end > stop || end < first + 4 || stop - end > MAX_MEMO_BYTES) return false;
    const table = readU32(b, first);
    const count = table / 4;
    if (table % 4 !== 0 || count < 1 || count > MAX_OPERATIONS || first + table > end) return false;
    if (!isSafe(b, start + ENVELOPE.sequence) || !isSafe(b, start + ENVELOPE.expiryMs)) return false;
    this.first = first;
    this.end = end;
    this.count = count;
    return this.#readOperations(b, first, end, count);
  }

  #readOperations(b: Uint8Array, first: number, end: number, count: number): boolean {
    const { decoded } = this;
    if (decoded.length > 0) decoded.length = 0;
    let ticketsOnly = true;
    let spends = 0;
    let at = first + 4 * count;
    for (let i = 0; i < count; i++) {
      const next = i + 1 < count ? first + readU32(b, first + 4 * (i + 1)) : end;
      if (next <= at || next > end) return false;
      const selector = b[at]!;
      if (selector !== OP.presence && selector !== OP.ticket) ticketsOnly = false;
      const length = next - at - 1;
      if (selector === OP.transfer) {
        if (length !== TRANSFER_BYTES) return false;
        const amount = readU64(b, at + 5);
        if (amount > Number.MAX_SAFE_INTEGER) return false;
        spends += amount;
      } else if (selector === OP.transferToKey) {
        if (length !== TRANSFER_TO_KEY_BYTES) return false;
        const amount = readU64(b, at + 33);
        if (amount > Number.MAX_SAFE_INTEGER) return false;
        spends += amount;
      } else if (selector === OP.trade) {
        if (!isTrade(b, at + 1, length)) return false;
        spends += tradeCost(b, at + 1);
      } else {
        if (selector >= OPERATION_NAMES.length) return false;
        const operation = decodeOperation(b.slice(at, next));
        if (!operation.ok) return false;
        decoded[i] = operation.value;
        spends += operationCost(operation.value);
      }
      at = next;
    }
    this.ticketsOnly = ticketsOnly;
    // Beyond 2^53-1 the sum is no exact integer any more, and it is more than there is.
    this.spends = Math.min(spends, Number.MAX_SAFE_INTEGER);
    return true;
  }
}

/** What a decoded operation takes from its sender, base units. */
function operationCost(operation: Operation): number {
  if (operation.type === 'refund') return operation.amount;
  return operation.type === 'laneFund' ? operation.credit + operation.bond : 0;
}

/** Whether the uint64 at `at` is at most 2^53-1. */
function isSafe(b: Uint8Array, at: number): boolean {
  return readU64(b, at) <= Number.MAX_SAFE_INTEGER;
}
