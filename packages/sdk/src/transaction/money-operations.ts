import { equalBytes, utf8 } from '@iotw/kernel/bytes';
import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { AddressPrefix } from '@iotw/protocol/address';
import { countersignDigest } from '@iotw/protocol/digests';
import { MAX_DATA_BYTES, MAX_ITEM_BYTES } from '@iotw/protocol/limits';
import { type Operation, TRADE_SIDE, type Trade } from '@iotw/protocol/operations';
import { checkAmount } from './amount.js';
import { type KeyOrAddress, readKey } from './recipient.js';

type Named<N extends Operation['type']> = Extract<Operation, { type: N }>;

/**
 * Money to an account: by its compact number (u32, the cheapest form), or by address or key, which opens
 * the account where there is none. `amount`: base units.
 * Codes: `operation-amount`, `recipient-number`, and those of `readKey`.
 */
export function transfer(
  to: number | KeyOrAddress,
  amount: number,
  prefix: AddressPrefix,
): Result<Named<'transfer'> | Named<'transferToKey'>> {
  const checked = checkAmount(amount);
  if (!checked.ok) return checked;
  if (typeof to === 'number') {
    if (isWithin(to, 0, 0xffff_ffff)) return ok({ type: 'transfer', to, amount });
    return fail('recipient-number', `An account number is an integer of 0 to 4294967295, not ${to}.`);
  }
  const key = readKey(to, prefix);
  return key.ok ? ok({ type: 'transferToKey', to: key.value, amount }) : key;
}

export interface TradeTerms {
  /** What the sender is. As seller the buyer must countersign (`countersign`); as buyer the seller may. */
  readonly side: keyof typeof TRADE_SIDE;
  readonly counterparty: KeyOrAddress;
  /** Base units for the whole trade, not for a piece. */
  readonly amount: number;
  /** 1 unless given. */
  readonly quantity?: number;
  /** Item or service, at most 64 bytes of UTF-8; public. */
  readonly item?: string;
  /** Public data of the shop, at most 256 bytes of UTF-8. Personal data does not belong on a ledger. */
  readonly data?: string;
  /** Agreed delivery, ms of agreed time; at once unless given. */
  readonly deliveryMs?: number;
  readonly warrantyDays?: number;
  /** SHA-256 of the full terms, 32 bytes. */
  readonly terms?: Uint8Array;
}

/** A trade without countersignature. Codes: `operation-amount`, `trade-terms`, and those of `readKey`. */
export function trade(t: TradeTerms, prefix: AddressPrefix): Result<Named<'trade'>> {
  const amount = checkAmount(t.amount);
  if (!amount.ok) return amount;
  const counterparty = readKey(t.counterparty, prefix);
  if (!counterparty.ok) return counterparty;
  const item = utf8(t.item ?? '');
  const data = utf8(t.data ?? '');
  const { quantity = 1, deliveryMs = 0, warrantyDays = 0, terms = new Uint8Array(32) } = t;
  const rules: readonly (readonly [kept: boolean, rule: string])[] = [
    [item.length <= MAX_ITEM_BYTES, `the item has at most ${MAX_ITEM_BYTES} bytes`],
    [data.length <= MAX_DATA_BYTES, `the data has at most ${MAX_DATA_BYTES} bytes`],
    [terms.length === 32, 'the hash of the terms has 32 bytes'],
    [isWithin(quantity, 1, 0xffff_ffff), 'the quantity is an integer of 1 to 4294967295'],
    [isWithin(deliveryMs, 0, Number.MAX_SAFE_INTEGER), 'the delivery is a time in milliseconds'],
    [isWithin(warrantyDays, 0, 0xffff), 'the warranty is a number of days of 0 to 65535'],
  ];
  const wrong = rules.find(([kept]) => !kept)?.[1];
  if (wrong !== undefined) return fail('trade-terms', `The trade can't be written: ${wrong}.`);
  return ok({
    type: 'trade',
    side: TRADE_SIDE[t.side],
    counterparty: counterparty.value,
    amount: t.amount,
    quantity,
    deliveryMs,
    warrantyDays,
    terms,
    item,
    data,
    countersignature: new Uint8Array(0),
  });
}

/**
 * The trade with its counterparty's signature (the counterparty calls this, or sends back the 64 bytes).
 * It binds sender, sequence and place, so it can neither be replayed nor moved.
 * Code: `trade-counterparty` (the keys are not the counterparty's).
 */
export function countersign(
  network: Uint8Array,
  operation: Named<'trade'>,
  position: { readonly sender: Uint8Array; readonly sequence: number; readonly operation: number },
  counterparty: KeyPair,
): Result<Named<'trade'>> {
  if (!equalBytes(operation.counterparty, counterparty.publicKey)) {
    return fail('trade-counterparty', "These keys are not the trade's counterparty: ask the one it names.");
  }
  const digest = countersignDigest(
    network,
    operation as Trade,
    position.sender,
    position.sequence,
    position.operation,
  );
  return ok({ ...operation, countersignature: sign(digest, counterparty.secretKey) });
}

/**
 * The seller gives back part or all of a trade, named by its transaction's id and its place there.
 * Codes: `operation-amount`, `refund-trade`.
 */
export function refund(transaction: Uint8Array, operation: number, amount: number): Result<Named<'refund'>> {
  const checked = checkAmount(amount);
  if (!checked.ok) return checked;
  if (transaction.length !== 32 || !isWithin(operation, 0, 0xffff)) {
    return fail(
      'refund-trade',
      'A refund names a trade by the 32-byte id of its transaction and its place in it (from 0).',
    );
  }
  return ok({ type: 'refund', transaction, operation, amount });
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
