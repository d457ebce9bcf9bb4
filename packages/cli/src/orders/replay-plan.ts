import { assert } from '@iotw/kernel/assert';
import type { Failure } from '@iotw/kernel/result';
import { MAX_AMOUNT, type OrderLine } from './order-lines.js';
import {
  type BadRowCode,
  countBadRow,
  countLine,
  emptyTally,
  type LineOutcome,
  type PlanTally,
} from './plan-tally.js';
import { productGroup } from './product-groups.js';
import { PurchaseIndex, type PurchaseMatch } from './purchases.js';

/** One line of the orders file on its way into the plan. */
export type OrderRow =
  | { readonly kind: 'line'; readonly line: OrderLine }
  | { readonly kind: 'bad-row'; readonly lineNumber: number; readonly code: BadRowCode }
  | { readonly kind: 'stopped'; readonly failure: Failure };

/** One trade operation: the customer pays `amount` base units to `merchant`. */
export interface PlannedLine {
  readonly merchant: string;
  readonly stockCode: string;
  readonly description: string;
  readonly quantity: number;
  readonly amount: number;
  readonly lineNumber: number;
}

/**
 * An invoice that the customer signs: `parts` transactions, one after the other (see `partsOf`). The file may
 * come back to an invoice after another one; then `firstPart` and `firstLineIndex` go on counting.
 */
export interface PlannedInvoice {
  readonly kind: 'purchase';
  readonly invoice: string;
  /** CustomerID, or `guest:<invoice>`. */
  readonly customer: string;
  readonly country: string;
  /** `YYYY-MM-DD` of the first line. */
  readonly day: string;
  readonly lines: readonly PlannedLine[];
  readonly parts: number;
  /** Start of each part in `lines`. */
  readonly partStarts: readonly number[];
  readonly firstPart: number;
  readonly firstLineIndex: number;
}

export interface PlannedRefundMatch extends PurchaseMatch {
  /** Line of the cancellation in the file. */
  readonly lineNumber: number;
}

/** A transaction of refund operations that the merchant signs; a cancellation makes one or more per merchant. */
export interface PlannedRefund {
  readonly kind: 'refund';
  /** The cancellation, `C536379`. */
  readonly invoice: string;
  readonly customer: string;
  readonly merchant: string;
  readonly day: string;
  readonly matches: readonly PlannedRefundMatch[];
}

export type Planned = PlannedInvoice | PlannedRefund;

/** Bounds of the plan. The byte costs are upper bounds of what one operation adds to a transaction. */
export interface PlanLimits {
  readonly maxOperations: number;
  readonly maxTransactionBytes: number;
  /** A trade without its description: fields, stock code and the list's offset. */
  readonly tradeBytes: number;
  readonly refundBytes: number;
  /** Lines held before an invoice without end is handed on in pieces. */
  readonly maxInvoiceLines: number;
  /** Lines after which the rest is counted as `plan-full`: bounds the index of purchases. */
  readonly maxPlanLines: number;
}

export const PLAN_LIMITS: PlanLimits = {
  maxOperations: 1_024,
  maxTransactionBytes: 120_000,
  tradeBytes: 160,
  refundBytes: 96,
  maxInvoiceLines: 8_192,
  maxPlanLines: 5_000_000,
};

interface OpenInvoice {
  readonly first: OrderLine;
  readonly customer: string;
  readonly lines: PlannedLine[];
  readonly refunds: Map<string, PlannedRefundMatch[]>;
  held: number;
}

const NOTHING: readonly Planned[] = [];

/**
 * Turns order lines into transactions, in file order and one line at a time; pure but for its own state.
 *
 * - A line is judged by the first rule that fits: adjustment, zero quantity, negative price, negative quantity
 *   on an invoice that is no cancellation, no price, cancellation with a positive quantity; else it is bought
 *   or cancelled.
 * - A cancellation is matched by value against earlier purchases of the same customer and stock code, the most
 *   recent first, and never gives back more than was paid and isn't refunded yet. Guests can't be recognised
 *   again, so their cancellations are refunds without purchase.
 * - A merchant refunds what it was paid before, so it needs no starting balance but for fees.
 */
export class ReplayPlanner {
  readonly tally: PlanTally = emptyTally();
  private readonly purchases = new PurchaseIndex();
  /** Invoices handed on so far, for the rare one that the file comes back to. */
  private readonly done = new Map<string, { lines: number; parts: number }>();
  private open: OpenInvoice | undefined;
  private traded = 0;

  constructor(private readonly limits: PlanLimits = PLAN_LIMITS) {
    assert(limits.maxOperations >= 1 && limits.maxInvoiceLines >= 1, 'limits leave room for a line');
  }

  /** Takes the next row; returns the transactions it completes (mostly none). */
  add(row: OrderRow): readonly Planned[] {
    if (row.kind === 'stopped') {
      this.tally.stopped = row.failure;
      return NOTHING;
    }
    if (this.tally.linesRead >= this.limits.maxPlanLines) {
      countLine(this.tally, 'plan-full');
      return NOTHING;
    }
    if (row.kind === 'bad-row') {
      countBadRow(this.tally, row.lineNumber, row.code);
      return NOTHING;
    }
    const { line } = row;
    const closed = this.turnTo(line);
    const refusal = refusalOf(line);
    countLine(this.tally, refusal ?? (line.quantity > 0 ? this.buy(line) : this.cancel(line)));
    return closed;
  }

  /** The transactions of the last invoice. */
  end(): readonly Planned[] {
    return this.close();
  }

  /** Closes the open invoice where `line` belongs to another one (or the open one holds too much). */
  private turnTo(line: OrderLine): readonly Planned[] {
    const customer = line.customer ?? `guest:${line.invoice}`;
    const { open } = this;
    if (open !== undefined && open.first.invoice === line.invoice && open.customer === customer) {
      if (open.held < this.limits.maxInvoiceLines) return NOTHING;
    }
    const closed = this.close();
    this.open = { first: line, customer, lines: [], refunds: new Map(), held: 0 };
    return closed;
  }

  private buy(line: OrderLine): LineOutcome {
    const { stockCode, description, quantity, amount, lineNumber } = line;
    if (this.traded + amount > MAX_AMOUNT) return 'beyond-supply';
    this.traded += amount;
    const merchant = productGroup(stockCode);
    this.open!.lines.push({ merchant, stockCode, description, quantity, amount, lineNumber });
    this.open!.held += 1;
    return 'trade';
  }

  private cancel(line: OrderLine): LineOutcome {
    const { lineNumber, stockCode, amount: wanted } = line;
    const taken =
      line.customer === undefined ? undefined : this.purchases.take(line.customer, stockCode, wanted);
    let refunded = 0;
    if (taken !== undefined && taken.length > 0) {
      const merchant = productGroup(stockCode);
      const matches = this.open!.refunds.get(merchant) ?? [];
      this.open!.refunds.set(merchant, matches);
      this.open!.held += taken.length;
      for (const match of taken) {
        matches.push({ ...match, lineNumber });
        refunded += match.amount;
      }
    }
    const unrefunded = this.tally.unrefundedAmount + (wanted - refunded);
    this.tally.unrefundedAmount = Math.min(unrefunded, Number.MAX_SAFE_INTEGER);
    if (taken === undefined) return 'refund-without-purchase';
    if (refunded === wanted) return 'refund';
    return refunded > 0 ? 'refund-exceeds' : 'refund-exhausted';
  }

  private close(): readonly Planned[] {
    const { open } = this;
    this.open = undefined;
    if (open === undefined || open.held === 0) return NOTHING;
    return open.lines.length > 0 ? [this.purchaseOf(open)] : this.refundsOf(open);
  }

  private purchaseOf(open: OpenInvoice): PlannedInvoice {
    const { first, customer, lines } = open;
    const before = this.done.get(first.invoice) ?? { lines: 0, parts: 0 };
    const partStarts = this.cut(lines);
    this.done.set(first.invoice, {
      lines: before.lines + lines.length,
      parts: before.parts + partStarts.length,
    });
    if (first.customer !== undefined) this.remember(open, partStarts, before);
    return {
      kind: 'purchase',
      invoice: first.invoice,
      customer,
      country: first.country,
      day: first.day,
      lines,
      parts: partStarts.length,
      partStarts,
      firstPart: before.parts,
      firstLineIndex: before.lines,
    };
  }

  private remember(
    open: OpenInvoice,
    partStarts: readonly number[],
    before: { lines: number; parts: number },
  ): void {
    let part = 0;
    for (const [index, line] of open.lines.entries()) {
      if (partStarts[part + 1] === index) part += 1;
      const ref = {
        purchaseInvoice: open.first.invoice,
        lineIndex: before.lines + index,
        part: before.parts + part,
        operation: index - partStarts[part]!,
      };
      this.purchases.add(open.customer, line.stockCode, ref, line.amount);
    }
  }

  /** Fills one transaction after the other up to the limits; the starts of the parts. */
  private cut(lines: readonly PlannedLine[]): number[] {
    const starts = [0];
    let bytes = 0;
    for (const [index, line] of lines.entries()) {
      const cost = this.limits.tradeBytes + Buffer.byteLength(line.description);
      const operations = index - starts.at(-1)!;
      const over = operations === this.limits.maxOperations || bytes + cost > this.limits.maxTransactionBytes;
      if (over && operations > 0) {
        starts.push(index);
        bytes = 0;
      }
      bytes += cost;
    }
    return starts;
  }

  private refundsOf(open: OpenInvoice): PlannedRefund[] {
    const { invoice, day } = open.first;
    const byBytes = Math.floor(this.limits.maxTransactionBytes / this.limits.refundBytes);
    const most = Math.max(1, Math.min(this.limits.maxOperations, byBytes));
    const out: PlannedRefund[] = [];
    for (const [merchant, matches] of open.refunds) {
      for (let at = 0; at < matches.length; at += most) {
        const some = matches.slice(at, at + most);
        out.push({ kind: 'refund', invoice, customer: open.customer, merchant, day, matches: some });
      }
    }
    return out;
  }
}

/** The lines of each transaction of an invoice, in order. */
export function partsOf(invoice: PlannedInvoice): (readonly PlannedLine[])[] {
  return invoice.partStarts.map((start, i) => invoice.lines.slice(start, invoice.partStarts[i + 1]));
}

function refusalOf(line: OrderLine): LineOutcome | undefined {
  const cancellation = line.invoice.startsWith('C');
  if (!cancellation && /^[A-Z]/.test(line.invoice)) return 'adjustment';
  if (line.quantity === 0) return 'zero-quantity';
  if (line.unitPriceMills < 0) return 'negative-price';
  if (line.quantity < 0 && !cancellation) return 'negative-not-cancellation';
  if (line.unitPriceMills === 0) return 'no-price';
  return line.quantity > 0 && cancellation ? 'cancellation-not-negative' : undefined;
}
