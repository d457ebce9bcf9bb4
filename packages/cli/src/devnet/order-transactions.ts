import { createHash } from 'node:crypto';
import { utf8 } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { MAX_ITEM_BYTES } from '@iotw/protocol/limits';
import { type Operation, TRADE_SIDE } from '@iotw/protocol/operations';
import { type SignedTransaction, signTransaction } from '@iotw/protocol/transaction';
import {
  type Planned,
  type PlannedInvoice,
  type PlannedLine,
  type PlannedRefund,
  partsOf,
} from '../orders/replay-plan.js';
import { personKeys } from './devnet-keys.js';

/** The replay's transactions are good for this long after the genesis, ms: their bytes never depend on the clock. */
const LIFETIME_MS = 10 * 365 * 86_400_000;
const WARRANTY_DAYS = 365;
const DELIVERY_DAYS = 7;
const DAY_MS = 86_400_000;

export interface OrderTransaction extends SignedTransaction {
  readonly planned: Planned;
  readonly operations: number;
  /** Account whose money moves first: refunds of a customer wait for that customer's purchases. */
  readonly customer: string;
}

/**
 * Signs the transactions of the plan, one account sequence after the other. The same plan gives the same bytes
 * on every run, so a replay that was cut off can be taken up anywhere: what is on the ledger already is known
 * by its used sequence.
 */
export class OrderSigner {
  readonly #network: Uint8Array;
  readonly #seed: Uint8Array;
  readonly #genesisMs: number;
  readonly #sequences = new Map<string, number>();
  readonly #keys = new Map<string, KeyPair>();
  /** Transaction id of each part of each invoice of this loop. */
  readonly #purchases = new Map<string, Uint8Array>();

  constructor(network: Uint8Array, seed: Uint8Array, genesisMs: number) {
    this.#network = network;
    this.#seed = seed;
    this.#genesisMs = genesisMs;
  }

  /** A new pass over the plan: earlier purchases can't be refunded any more, sequences go on. */
  newLoop(): void {
    this.#purchases.clear();
  }

  /** Counts the sequences of an item of an earlier loop without signing it. */
  skip(planned: Planned): void {
    const account =
      planned.kind === 'purchase' ? `customer/${planned.customer}` : `merchant/${planned.merchant}`;
    const transactions = planned.kind === 'purchase' ? planned.parts : 1;
    this.#sequences.set(account, (this.#sequences.get(account) ?? 0) + transactions);
  }

  sign(planned: Planned): OrderTransaction[] {
    return planned.kind === 'purchase' ? this.#purchase(planned) : [this.#refund(planned)];
  }

  #purchase(invoice: PlannedInvoice): OrderTransaction[] {
    return partsOf(invoice).map((lines, i) => {
      const operations = lines.map((line) => this.#trade(invoice, line));
      const signed = this.#signBy('customer', invoice.customer, operations, invoice.invoice);
      this.#purchases.set(`${invoice.invoice}/${invoice.firstPart + i}`, signed.id);
      return { ...signed, planned: invoice, operations: operations.length, customer: invoice.customer };
    });
  }

  #trade(invoice: PlannedInvoice, line: PlannedLine): Operation {
    const terms = `${invoice.invoice}|${line.lineNumber}|${line.stockCode}|${line.description}|${line.quantity}|${line.amount}`;
    return {
      type: 'trade',
      side: TRADE_SIDE.buyer,
      counterparty: this.#person('merchant', line.merchant).publicKey,
      amount: line.amount,
      quantity: line.quantity,
      deliveryMs: Date.parse(`${invoice.day}T00:00:00Z`) + DELIVERY_DAYS * DAY_MS,
      warrantyDays: WARRANTY_DAYS,
      terms: new Uint8Array(createHash('sha256').update(terms).digest()),
      item: utf8(`${line.stockCode} ${line.description}`).slice(0, MAX_ITEM_BYTES),
      data: new Uint8Array(0),
      countersignature: new Uint8Array(0),
    };
  }

  #refund(refund: PlannedRefund): OrderTransaction {
    const operations: Operation[] = refund.matches.map((match) => ({
      type: 'refund',
      transaction: this.#purchases.get(`${match.purchaseInvoice}/${match.part}`) ?? new Uint8Array(32),
      operation: match.operation,
      amount: match.amount,
    }));
    const signed = this.#signBy('merchant', refund.merchant, operations, refund.invoice);
    return { ...signed, planned: refund, operations: operations.length, customer: refund.customer };
  }

  #signBy(
    kind: 'customer' | 'merchant',
    name: string,
    operations: Operation[],
    memo: string,
  ): SignedTransaction {
    const account = `${kind}/${name}`;
    const sequence = (this.#sequences.get(account) ?? 0) + 1;
    this.#sequences.set(account, sequence);
    const keys = this.#person(kind, name);
    const transaction = {
      sender: keys.publicKey,
      sequence,
      expiryMs: this.#genesisMs + LIFETIME_MS,
      operations,
      memo: utf8(memo),
    };
    return signTransaction(this.#network, transaction, keys);
  }

  #person(kind: 'customer' | 'merchant', name: string): KeyPair {
    const account = `${kind}/${name}`;
    let keys = this.#keys.get(account);
    if (keys === undefined) {
      keys = personKeys(this.#seed, kind, name);
      this.#keys.set(account, keys);
    }
    return keys;
  }
}
