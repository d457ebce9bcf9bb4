import { readU32, readU64 } from '@iotw/kernel/bytes';
import { countersignDigest } from '@iotw/protocol/digests';
import { MAX_DATA_BYTES, MAX_ITEM_BYTES } from '@iotw/protocol/limits';
import { TRADE_SIDE, Trade } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';
import { moveMoney, spendCode } from './money.js';

/** Where a trade's fields stand behind its selector. */
const AT = { side: 0, counterparty: 1, amount: 33, deliveryMs: 45, item: 87, data: 91, countersignature: 95 };
const FIXED = 99;
const SIGNATURE_BYTES = 64;

/** Whether `length` bytes of `b` at `at` are the canonical encoding of a trade. */
export function isTrade(b: Uint8Array, at: number, length: number): boolean {
  if (length < FIXED || readU32(b, at + AT.item) !== FIXED) return false;
  const data = readU32(b, at + AT.data);
  const countersignature = readU32(b, at + AT.countersignature);
  return (
    data >= FIXED &&
    data - FIXED <= MAX_ITEM_BYTES &&
    countersignature >= data &&
    countersignature - data <= MAX_DATA_BYTES &&
    length >= countersignature &&
    length - countersignature <= SIGNATURE_BYTES &&
    Number.isSafeInteger(readU64(b, at + AT.amount)) &&
    Number.isSafeInteger(readU64(b, at + AT.deliveryMs))
  );
}

/** What a trade takes from its sender: its amount where the sender buys. */
export function tradeCost(b: Uint8Array, at: number): number {
  return b[at + AT.side] === TRADE_SIDE.buyer ? readU64(b, at + AT.amount) : 0;
}

/**
 * The whitepaper's request, read in place at `at` (behind the selector): the buyer pays the seller and
 * the trade is kept by transaction id and place. A seller's trade needs the buyer's countersignature;
 * a buyer's trade may carry the seller's and opens the seller's account where there is none.
 * Codes: `trade-side`, `self-transfer`, `account-unknown`, `countersignature-missing`,
 * `countersignature-invalid`, then those of spendCode.
 */
export function trade(state: State, b: Uint8Array, at: number, length: number): number {
  const side = b[at + AT.side]!;
  if (side > TRADE_SIDE.seller) return RESULT_CODES['trade-side'];
  const counterparty = at + AT.counterparty;
  const found = state.accounts.find(b, counterparty);
  if (found === state.sender) return RESULT_CODES['self-transfer'];
  const signed = length - readU32(b, at + AT.countersignature);
  if (side === TRADE_SIDE.seller) {
    if (found === -1) return RESULT_CODES['account-unknown'];
    if (signed === 0) return RESULT_CODES['countersignature-missing'];
  }
  if (signed !== 0 && !isCountersigned(state, b, at, length)) return RESULT_CODES['countersignature-invalid'];
  const amount = readU64(b, at + AT.amount);
  const buyerKnown = side === TRADE_SIDE.buyer ? state.sender : found;
  const code = spendCode(state, buyerKnown, amount);
  if (code !== 0) return code;
  const other = found === -1 ? state.accounts.open(b, counterparty) : found;
  const seller = side === TRADE_SIDE.buyer ? other : state.sender;
  keep(state, buyerKnown, seller, amount);
  return moveMoney(state, buyerKnown, seller, amount);
}

function keep(state: State, buyer: number, seller: number, amount: number): void {
  const { trades } = state;
  const number = trades.append();
  if (state.tradeRow === -1) state.tradeRow = trades.transactions.open(state.ids, state.idAt, number);
  const c = trades.col;
  c.buyer[number] = buyer;
  c.seller[number] = seller;
  c.amount[number] = amount;
  c.operation[number] = state.operation;
  c.transaction[number] = state.tradeRow;
}

function isCountersigned(state: State, b: Uint8Array, at: number, length: number): boolean {
  const content = Trade.deserialize(b.slice(at, at + length));
  const digest = countersignDigest(
    state.network,
    content,
    state.accounts.key(state.sender),
    state.sequence,
    state.operation,
  );
  return state.checker.verify(content.countersignature, digest, content.counterparty);
}
