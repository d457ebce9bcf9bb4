import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ORDER_COLUMNS } from './order-lines.js';
import { planOrders, readOrderRows } from './read-orders.js';
import { type AccountTotals, PlanTotals, summarise, surveyPlan } from './summary.js';

const SAMPLE = fileURLToPath(new URL('../../../../data/online-retail/orders-sample.csv', import.meta.url));

describe('the sample of Online Retail', () => {
  test('its figures', async () => {
    const { tally, customers, merchants, ...figures } = await surveyPlan(planOrders(SAMPLE));
    expect(tally).toEqual({
      linesRead: 5_649,
      outcomes: {
        trade: 5_456,
        refund: 42,
        'refund-exceeds': 1,
        'refund-exhausted': 0,
        'refund-without-purchase': 100,
        'no-price': 30,
        'negative-price': 0,
        'zero-quantity': 0,
        'negative-not-cancellation': 20,
        'cancellation-not-negative': 0,
        adjustment: 0,
        'bad-row': 0,
        'beyond-supply': 0,
        'plan-full': 0,
      },
      badRows: {},
      badRowExamples: [],
      unrefundedAmount: 1_416_250_000,
    });
    expect(figures).toEqual({
      invoices: 184,
      transactions: 185,
      trades: 5_456,
      refundTransactions: 17,
      refundOperations: 43,
      tradedAmount: 112_769_100_000,
      refundedAmount: 1_415_810_000,
      longestInvoice: 651,
      invoicesInParts: 1,
      guests: 14,
    });
    expect([customers.size, merchants.size]).toEqual([154, 38]);
    const sum = (accounts: ReadonlyMap<string, AccountTotals>, field: keyof AccountTotals) =>
      [...accounts.values()].reduce((total, account) => total + account[field], 0);
    for (const accounts of [customers, merchants]) {
      expect(sum(accounts, 'traded')).toBe(figures.tradedAmount);
      expect(sum(accounts, 'refunded')).toBe(figures.refundedAmount);
    }
    expect(sum(customers, 'transactions')).toBe(figures.transactions);
    expect(sum(merchants, 'transactions')).toBe(figures.refundTransactions);
  });

  test('no merchant ever refunds more than it was paid before', async () => {
    const balances = new Map<string, number>();
    for await (const item of planOrders(SAMPLE).planned) {
      if (item.kind === 'purchase') {
        for (const { merchant, amount } of item.lines)
          balances.set(merchant, (balances.get(merchant) ?? 0) + amount);
        continue;
      }
      for (const { amount } of item.matches)
        balances.set(item.merchant, balances.get(item.merchant)! - amount);
      expect(balances.get(item.merchant)).toBeGreaterThanOrEqual(0);
    }
  });

  test('on the terminal', async () => {
    expect(summarise(await surveyPlan(planOrders(SAMPLE)))).toEqual([
      'orders      5,649 lines read (1 GBP = 1 IOTW)',
      'purchases   184 invoices, 185 transactions, 5,456 trades, 112,769 IOTW',
      '            longest invoice 651 trades; 1 sent in parts',
      'refunds     17 transactions, 43 refunds, 1,415 IOTW (1,416 IOTW cancelled without cover)',
      'accounts    140 customers, 14 guests, 38 merchants',
      '      5,456 trade: bought: one trade operation',
      '         42 refund: cancelled: refunded in full',
      '          1 refund-exceeds: cancelled: worth more than what was bought, refunded up to that',
      '        100 refund-without-purchase: cancelled: the customer never bought it in this file',
      '         30 no-price: unit price 0',
      '         20 negative-not-cancellation: quantity below 0 on an invoice that is no cancellation',
    ]);
  });
});

describe('other files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'iotw-orders-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string): string => {
    const path = join(folder, 'orders.csv');
    writeFileSync(path, text);
    return path;
  };

  test('bad rows are counted with their lines, the rest goes on', async () => {
    const good = '1,22423,THING,2,2011-01-04 10:00:00,1.5,7,France';
    const text = [ORDER_COLUMNS.join(','), good, 'a,b', `"${good}`, '', good.replace('1.5', 'x'), good].join(
      '\n',
    );
    const summary = await surveyPlan(planOrders(file(text)));
    expect(summary).toMatchObject({ invoices: 1, trades: 2, tradedAmount: 6_000_000 });
    expect(summary.tally.badRows).toEqual({ 'wrong-field-count': 2, 'bad-quote': 1, 'bad-price': 1 });
    expect(summary.tally.badRowExamples.map(({ lineNumber }) => lineNumber)).toEqual([3, 4, 5, 6]);
    expect(summarise(summary).slice(-3)).toEqual([
      '            2 wrong-field-count (first: line 3)',
      '            1 bad-quote (first: line 4)',
      '            1 bad-price (first: line 6)',
    ]);
  });

  const stops: [name: string, text: string][] = [
    ['empty', ''],
    ['another header', 'a,b,c\n1,2,3\n'],
    ['no header', '1,22423,THING,2,2011-01-04 10:00:00,1.5,7,France\n'],
    ['a header without end', 'a'.repeat(10_000)],
  ];
  test.each(stops)('%s: orders-header', async (_name, text) => {
    const rows = [];
    for await (const row of readOrderRows(file(text))) rows.push(row);
    expect(rows).toMatchObject([{ kind: 'stopped', failure: { code: 'orders-header' } }]);
  });

  test('a missing file ends the plan with its code', async () => {
    const summary = await surveyPlan(planOrders(join(folder, 'missing.csv.gz')));
    expect(summary.tally.stopped?.code).toBe('orders-unreadable');
    expect(summarise(summary).at(-1)).toContain('stopped     orders-unreadable: ');
  });

  test('an invoice in pieces is counted once', () => {
    const totals = new PlanTotals();
    const piece = {
      kind: 'purchase',
      invoice: '1',
      customer: 'guest:1',
      country: 'France',
      day: '2011-01-04',
    } as const;
    const bought = {
      merchant: 'other',
      stockCode: 'M',
      description: '',
      quantity: 1,
      amount: 5,
      lineNumber: 2,
    };
    for (const at of [0, 1, 2]) {
      totals.add({ ...piece, lines: [bought], parts: 1, partStarts: [0], firstPart: at, firstLineIndex: at });
    }
    const tally = { linesRead: 3 } as never;
    const expected = {
      invoices: 1,
      transactions: 3,
      trades: 3,
      invoicesInParts: 1,
      guests: 1,
      longestInvoice: 3,
    };
    expect(totals.summary(tally)).toMatchObject(expected);
  });
});
