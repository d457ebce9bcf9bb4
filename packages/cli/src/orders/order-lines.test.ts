import { describe, expect, test } from 'vitest';
import { isOrderHeader, ORDER_COLUMNS, parseOrderLine, parsePriceMills } from './order-lines.js';

const GOOD = [
  '536365',
  '85123a',
  ' T-LIGHT HOLDER ',
  '6',
  '2010-12-01 08:26:00',
  '2.55',
  '17850.0',
  'Norway',
];
const COLUMN = Object.fromEntries(ORDER_COLUMNS.map((name, i) => [name, i])) as Record<string, number>;
const PRICE_COLUMN = ORDER_COLUMNS.indexOf('UnitPrice');
const withField = (column: string, text: string) =>
  GOOD.map((field, i) => (i === COLUMN[column] ? text : field));

test('a good line', () => {
  expect(parseOrderLine(GOOD, 7)).toEqual({
    ok: true,
    value: {
      lineNumber: 7,
      invoice: '536365',
      stockCode: '85123A',
      description: 'T-LIGHT HOLDER',
      quantity: 6,
      day: '2010-12-01',
      unitPriceMills: 2_550,
      amount: 15_300_000,
      customer: '17850',
      country: 'Norway',
    },
  });
});

test('a guest, a return, a description too long', () => {
  const guest = parseOrderLine(withField('CustomerID', ''), 2);
  expect(guest.ok && guest.value.customer).toBe(undefined);
  const back = parseOrderLine(withField('Quantity', '-6'), 2);
  expect(back.ok && [back.value.quantity, back.value.amount]).toEqual([-6, 15_300_000]);
  const zero = parseOrderLine(withField('Quantity', '-0'), 2);
  expect(zero.ok && [zero.value.quantity, zero.value.amount]).toEqual([0, 0]);
  const long = parseOrderLine(withField('Description', `${'a'.repeat(63)}££`), 2);
  expect(long.ok && long.value.description).toBe('a'.repeat(63));
  const fits = parseOrderLine(withField('Description', `${'a'.repeat(62)}£`), 2);
  expect(fits.ok && fits.value.description).toBe(`${'a'.repeat(62)}£`);
});

describe('prices', () => {
  const rows: [text: string, result: number | string][] = [
    ['2.55', 2_550],
    ['2.5', 2_500],
    ['0', 0],
    ['-0', 0],
    ['0.0', 0],
    ['0.001', 1],
    ['1.005', 1_005],
    ['38970.0', 38_970_000],
    ['-11062.06', -11_062_060],
    ['2.55000', 2_550],
    ['2.5501', 'price-precision'],
    ['0.0001', 'price-precision'],
    ['', 'bad-price'],
    ['.5', 'bad-price'],
    ['5.', 'bad-price'],
    ['1e3', 'bad-price'],
    ['+1', 'bad-price'],
    ['NaN', 'bad-price'],
    ['1,5', 'bad-price'],
    ['1234567890', 'bad-price'],
  ];
  test.each(rows)('%j', (text, expected) => {
    const result = parsePriceMills(text);
    expect(result.ok ? result.value : result.error.code).toBe(expected);
  });
});

describe('refusals', () => {
  const rows: [column: string, text: string, code: string][] = [
    ['InvoiceNo', '', 'bad-invoice'],
    ['InvoiceNo', 'CC1', 'bad-invoice'],
    ['InvoiceNo', 'guest:1', 'bad-invoice'],
    ['StockCode', '', 'bad-stock-code'],
    ['StockCode', '1'.repeat(21), 'bad-stock-code'],
    ['StockCode', '../etc', 'bad-stock-code'],
    ['Description', 'a\u001b[2J', 'control-character'],
    ['Description', 'a\u202eb', 'control-character'],
    ['Country', 'a\u0085', 'control-character'],
    ['Quantity', '', 'bad-quantity'],
    ['Quantity', '1.5', 'bad-quantity'],
    ['Quantity', '1234567890', 'bad-quantity'],
    ['InvoiceDate', '12/1/2010 8:26', 'bad-date'],
    ['InvoiceDate', '2011-02-29 08:26:00', 'bad-date'],
    ['InvoiceDate', '2011-04-31 08:26:00', 'bad-date'],
    ['InvoiceDate', '2011-04-30 24:00:00', 'bad-date'],
    ['UnitPrice', 'free', 'bad-price'],
    ['UnitPrice', '1.2345', 'price-precision'],
    ['CustomerID', '17850.5', 'bad-customer'],
    ['CustomerID', 'x', 'bad-customer'],
    ['Country', ' ', 'bad-country'],
    ['Country', 'a'.repeat(65), 'bad-country'],
  ];
  test.each(rows)('%s %j', (column, text, code) => {
    const result = parseOrderLine(withField(column, text), 2);
    expect(result.ok ? 'ok' : result.error.code).toBe(code);
  });

  test('wrong number of fields', () => {
    for (const fields of [[], [''], GOOD.slice(1), [...GOOD, '']]) {
      const result = parseOrderLine(fields, 2);
      expect(result.ok ? 'ok' : result.error.code).toBe('wrong-field-count');
    }
  });

  test('the supply is the bound of a line, exactly', () => {
    const amount = (quantity: string, price: string) => {
      const fields = withField('Quantity', quantity).map((f, i) => (i === PRICE_COLUMN ? price : f));
      const result = parseOrderLine(fields, 2);
      return result.ok ? result.value.amount : result.error.code;
    };
    expect(amount('9', '999999999.999')).toBe(8_999_999_999_991_000);
    expect(amount('9000000', '1000')).toBe(9_000_000_000_000_000);
    expect(amount('-9000000', '1000.001')).toBe('amount-too-large');
    expect(amount('999999999', '999999999.999')).toBe('amount-too-large');
    expect(amount('999999999', '-999999999.999')).toBe('amount-too-large');
  });
});

test('the header is exact', () => {
  expect(isOrderHeader(ORDER_COLUMNS)).toBe(true);
  expect(isOrderHeader([...ORDER_COLUMNS].reverse())).toBe(false);
  expect(isOrderHeader(ORDER_COLUMNS.slice(1))).toBe(false);
});
