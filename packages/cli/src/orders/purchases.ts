import { assert } from '@iotw/kernel/assert';

/** Where one purchased line stands in the plan: enough to name its trade operation on the ledger. */
export interface PurchaseRef {
  readonly purchaseInvoice: string;
  /** Index among the planned lines of that invoice. */
  readonly lineIndex: number;
  /** Which transaction of the invoice holds it, from 0. */
  readonly part: number;
  /** Index of the trade among that transaction's operations. */
  readonly operation: number;
}

/** A part of one purchase given back, in base units. */
export interface PurchaseMatch extends PurchaseRef {
  readonly amount: number;
}

/** No older purchase. */
const NONE = -1;
const FIRST_CAPACITY = 4_096;
/** Customers and codes are numbered; one safe integer holds a pair of numbers below 2^26. */
const CODE_SPAN = 2 ** 26;

/**
 * What each customer bought of each stock code and hasn't yet given back. Typed columns linked newest first
 * per (customer, stock code): 28 bytes a purchase and one map entry a pair, so a year of orders fits in tens
 * of megabytes.
 */
export class PurchaseIndex {
  private readonly customers = new Map<string, number>();
  private readonly codes = new Map<string, number>();
  private readonly invoiceIds = new Map<string, number>();
  private readonly invoices: string[] = [];
  /** (customer, code) -> newest purchase with something left, or NONE once all is given back. */
  private readonly newest = new Map<number, number>();
  private size = 0;
  private left = new Float64Array(FIRST_CAPACITY);
  private older = new Int32Array(FIRST_CAPACITY);
  private invoice = new Int32Array(FIRST_CAPACITY);
  private lineIndex = new Int32Array(FIRST_CAPACITY);
  private part = new Int32Array(FIRST_CAPACITY);
  private operation = new Int32Array(FIRST_CAPACITY);

  /** Remembers a purchase of `amount` base units. */
  add(customer: string, stockCode: string, ref: PurchaseRef, amount: number): void {
    assert(Number.isSafeInteger(amount) && amount > 0, 'a purchase has a positive amount');
    if (this.size === this.left.length) this.grow();
    const key = numberOf(this.customers, customer) * CODE_SPAN + numberOf(this.codes, stockCode);
    const at = this.size++;
    this.left[at] = amount;
    this.older[at] = this.newest.get(key) ?? NONE;
    this.invoice[at] = this.invoiceId(ref.purchaseInvoice);
    this.lineIndex[at] = ref.lineIndex;
    this.part[at] = ref.part;
    this.operation[at] = ref.operation;
    this.newest.set(key, at);
  }

  /**
   * Takes up to `wanted` base units from the customer's purchases of that code, most recent purchase first.
   * `undefined`: never bought. An empty list: all of it is given back already.
   */
  take(customer: string, stockCode: string, wanted: number): PurchaseMatch[] | undefined {
    const customerId = this.customers.get(customer);
    const code = this.codes.get(stockCode);
    if (customerId === undefined || code === undefined) return undefined;
    const key = customerId * CODE_SPAN + code;
    let at = this.newest.get(key);
    if (at === undefined) return undefined;
    const matches: PurchaseMatch[] = [];
    let rest = wanted;
    while (rest > 0 && at !== NONE) {
      const available = this.left[at]!;
      const amount = Math.min(rest, available);
      matches.push({
        purchaseInvoice: this.invoices[this.invoice[at]!]!,
        lineIndex: this.lineIndex[at]!,
        part: this.part[at]!,
        operation: this.operation[at]!,
        amount,
      });
      this.left[at] = available - amount;
      rest -= amount;
      if (amount === available) at = this.older[at]!;
    }
    this.newest.set(key, at);
    return matches;
  }

  private invoiceId(invoice: string): number {
    const id = numberOf(this.invoiceIds, invoice);
    if (id === this.invoices.length) this.invoices.push(invoice);
    return id;
  }

  private grow(): void {
    const capacity = this.left.length * 2;
    const left = new Float64Array(capacity);
    left.set(this.left);
    this.left = left;
    const wider = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const out = new Int32Array(capacity);
      out.set(column);
      return out;
    };
    this.older = wider(this.older);
    this.invoice = wider(this.invoice);
    this.lineIndex = wider(this.lineIndex);
    this.part = wider(this.part);
    this.operation = wider(this.operation);
  }
}

function numberOf(ids: Map<string, number>, name: string): number {
  const known = ids.get(name);
  if (known !== undefined) return known;
  const id = ids.size;
  assert(id < CODE_SPAN, 'fewer names than 2^26');
  // A name cut out of a line keeps the whole line alive in V8; a copy of its own doesn't.
  ids.set(Buffer.from(name).toString(), id);
  return id;
}
