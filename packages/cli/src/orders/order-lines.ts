import { fail, ok, type Result } from '@iotw/kernel/result';

/** The columns of Online Retail, in order. */
export const ORDER_COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;

/** The replay's exchange rate: 1 GBP = 1 IOTW = 10^6 base units, so one penny is 10,000 of them. */
export const BASE_UNITS_PER_PENNY = 10_000;
/** A few prices have three decimals; a thousandth of a pound is still a whole number of base units. */
export const BASE_UNITS_PER_MILL = BASE_UNITS_PER_PENNY / 10;
/** The maximum supply: no line, and no sum of trades in one plan, may be worth more. */
export const MAX_AMOUNT = 9_000_000_000_000_000;
/** Bytes of UTF-8 kept of a description: what a trade operation carries. */
export const MAX_DESCRIPTION_BYTES = 64;

export type OrderLineCode =
  | 'wrong-field-count'
  | 'control-character'
  | 'bad-invoice'
  | 'bad-stock-code'
  | 'bad-quantity'
  | 'bad-date'
  | 'bad-price'
  | 'price-precision'
  | 'bad-customer'
  | 'bad-country'
  | 'amount-too-large';

/** One line of an invoice as the file says it; whether it can be replayed is the plan's question. */
export interface OrderLine {
  /** Line of the file, the header being 1. */
  readonly lineNumber: number;
  /** `536365`, `C536379` (a cancellation) or `A563185` (an accounting adjustment). */
  readonly invoice: string;
  /** Upper case: the file writes some codes both ways (`M`, `m`). */
  readonly stockCode: string;
  /** At most MAX_DESCRIPTION_BYTES of UTF-8, cut between code points; empty where the file has none. */
  readonly description: string;
  /** Negative for returns and for stock corrections. */
  readonly quantity: number;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** Price of one piece in 1/1000 GBP. */
  readonly unitPriceMills: number;
  /** |quantity| x unit price in base units, with the price's sign. */
  readonly amount: number;
  /** Digits; `undefined` for a guest. */
  readonly customer: string | undefined;
  readonly country: string;
}

/** Text that could move a terminal's cursor or turn its reading direction never gets further than here. */
const CONTROL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const INVOICE = /^[A-Z]?\d{1,12}$/;
const STOCK_CODE = /^[A-Z0-9][A-Z0-9_ .-]{0,19}$/;
const QUANTITY = /^-?\d{1,9}$/;
const DATE = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]) ([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;
const PRICE = /^(-?)(\d{1,9})(?:\.(\d{1,12}))?$/;
/** The file was once a table of floats: `17850.0` is customer 17850. */
const CUSTOMER = /^(\d{1,12})(?:\.0)?$/;

/** Whether the first row names exactly ORDER_COLUMNS. */
export function isOrderHeader(fields: readonly string[]): boolean {
  return fields.length === ORDER_COLUMNS.length && ORDER_COLUMNS.every((name, i) => fields[i] === name);
}

/**
 * A price text such as `2.55` in 1/1000 GBP, by digits alone (no floating point). More than three decimals
 * are refused unless the surplus digits are zeros: nothing is rounded.
 */
export function parsePriceMills(text: string): Result<number> {
  const match = PRICE.exec(text);
  if (match === null) return fail('bad-price', `"${text}" is no price such as 2.55.`);
  const decimals = match[3] ?? '';
  if (/[1-9]/.test(decimals.slice(3))) {
    return fail('price-precision', `The price ${text} is finer than 1/1000 GBP.`);
  }
  const mills = Number(match[2]) * 1_000 + Number(decimals.slice(0, 3).padEnd(3, '0'));
  return ok(match[1] === '-' && mills > 0 ? -mills : mills);
}

/** Checks and reads one row; every refusal has a code of OrderLineCode. */
export function parseOrderLine(fields: readonly string[], lineNumber: number): Result<OrderLine> {
  if (fields.length !== ORDER_COLUMNS.length) {
    return fail('wrong-field-count', `Expected ${ORDER_COLUMNS.length} fields, found ${fields.length}.`);
  }
  const [invoiceText, codeText, descriptionText, quantityText, date, priceText, customerText, countryText] =
    fields as readonly [string, string, string, string, string, string, string, string];
  if (fields.some((field) => CONTROL.test(field))) {
    return fail('control-character', 'A field holds a control or text-direction character.');
  }
  const invoice = invoiceText.trim();
  if (!INVOICE.test(invoice)) return fail('bad-invoice', 'InvoiceNo is a letter or none, then digits.');
  const stockCode = codeText.trim().toUpperCase();
  if (!STOCK_CODE.test(stockCode)) return fail('bad-stock-code', 'StockCode is 1 to 20 letters and digits.');
  if (!QUANTITY.test(quantityText)) return fail('bad-quantity', 'Quantity is a whole number.');
  if (!isDate(date)) return fail('bad-date', 'InvoiceDate is YYYY-MM-DD hh:mm:ss.');
  const price = parsePriceMills(priceText);
  if (!price.ok) return price;
  const customer = CUSTOMER.exec(customerText);
  if (customer === null && customerText !== '') return fail('bad-customer', 'CustomerID is digits or empty.');
  const country = countryText.trim();
  if (country === '' || country.length > 64) return fail('bad-country', 'Country has 1 to 64 characters.');
  const quantity = Number(quantityText);
  // A product of integers beyond 2^53 never rounds back below it, so this test is exact.
  const amount = Math.abs(quantity) * price.value * BASE_UNITS_PER_MILL;
  if (Math.abs(amount) > MAX_AMOUNT) return fail('amount-too-large', 'Worth more than the supply.');
  return ok({
    lineNumber,
    invoice,
    stockCode,
    description: cutUtf8(descriptionText.trim(), MAX_DESCRIPTION_BYTES),
    // No negative zero: it would compare and print oddly.
    quantity: quantity + 0,
    day: date.slice(0, 10),
    unitPriceMills: price.value,
    amount: amount + 0,
    customer: customer?.[1],
    country,
  });
}

function isDate(text: string): boolean {
  const match = DATE.exec(text);
  if (match === null) return false;
  const day = Number(match[3]);
  if (day <= 28) return true;
  return new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, day)).getUTCDate() === day;
}

function cutUtf8(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}
