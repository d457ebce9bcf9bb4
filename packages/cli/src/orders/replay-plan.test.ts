import { assert as sure } from '@iotw/kernel/assert';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_AMOUNT, type OrderLine, parseOrderLine } from './order-lines.js';
import { LINE_OUTCOMES, type LineOutcome, type PlanTally } from './plan-tally.js';
import {
  type OrderRow,
  PLAN_LIMITS,
  type PlanLimits,
  type Planned,
  type PlannedInvoice,
  partsOf,
  ReplayPlanner,
} from './replay-plan.js';

/** `invoice code quantity price customer`, customer `-` for a guest. */
function line(text: string, lineNumber = 2): OrderLine {
  const [invoice, code, quantity, price, customer] = text.split(' ') as [
    string,
    string,
    string,
    string,
    string,
  ];
  const id = customer === '-' ? '' : customer;
  const fields = [invoice, code, 'THING', quantity, '2011-01-04 10:00:00', price, id, 'France'];
  const parsed = parseOrderLine(fields, lineNumber);
  sure(parsed.ok, `a good line: ${text}`);
  return parsed.value;
}

function plan(rows: Iterable<OrderRow>, limits?: PlanLimits): { planned: Planned[]; tally: PlanTally } {
  const planner = new ReplayPlanner(limits);
  const planned: Planned[] = [];
  for (const row of rows) planned.push(...planner.add(row));
  planned.push(...planner.end());
  return { planned, tally: planner.tally };
}

const rowsOf = (...texts: string[]): OrderRow[] =>
  texts.map((text, i) => ({ kind: 'line', line: line(text, i + 2) }));

function counts(tally: PlanTally): Partial<Record<LineOutcome, number>> {
  return Object.fromEntries(Object.entries(tally.outcomes).filter(([, count]) => count > 0));
}

function expectSumOfOutcomes(tally: PlanTally): void {
  let sum = 0;
  for (const outcome of LINE_OUTCOMES) sum += tally.outcomes[outcome];
  expect(sum).toBe(tally.linesRead);
}

describe('the outcome of one line', () => {
  const rows: [text: string, outcome: LineOutcome][] = [
    ['1 22423 6 2.55 7', 'trade'],
    ['1 22423 1 0.001 -', 'trade'],
    ['1 POST 1 18.0 7', 'trade'],
    ['1 22423 6 0.0 7', 'no-price'],
    ['1 22423 6 -1.0 7', 'negative-price'],
    ['1 22423 0 1.0 7', 'zero-quantity'],
    ['1 22423 -6 1.0 7', 'negative-not-cancellation'],
    ['1 22423 -6 0.0 7', 'negative-not-cancellation'],
    ['C1 22423 6 1.0 7', 'cancellation-not-negative'],
    ['C1 22423 -6 0.0 7', 'no-price'],
    ['C1 22423 0 1.0 7', 'zero-quantity'],
    ['C1 22423 -6 1.0 7', 'refund-without-purchase'],
    ['C1 22423 -6 1.0 -', 'refund-without-purchase'],
    ['A1 B 1 11062.06 -', 'adjustment'],
    ['A1 B 1 -11062.06 -', 'adjustment'],
  ];
  test.each(rows)('%s: %s', (text, outcome) => {
    const { planned, tally } = plan(rowsOf(text));
    expect(counts(tally)).toEqual({ [outcome]: 1 });
    expect(planned.length).toBe(outcome === 'trade' ? 1 : 0);
  });
});

test('an invoice in the plan', () => {
  const { planned } = plan(rowsOf('1 22423 6 2.55 7', '1 85123A 1 0.1 7', '1 POST 1 0 7', '2 22423 1 1.0 -'));
  expect(planned[0]).toEqual({
    kind: 'purchase',
    invoice: '1',
    customer: '7',
    country: 'France',
    day: '2011-01-04',
    lines: [
      {
        merchant: 'stock-224xx',
        stockCode: '22423',
        description: 'THING',
        quantity: 6,
        amount: 15_300_000,
        lineNumber: 2,
      },
      {
        merchant: 'stock-85xxx',
        stockCode: '85123A',
        description: 'THING',
        quantity: 1,
        amount: 100_000,
        lineNumber: 3,
      },
    ],
    parts: 1,
    partStarts: [0],
    firstPart: 0,
    firstLineIndex: 0,
  });
  expect(planned[1]).toMatchObject({ invoice: '2', customer: 'guest:2' });
});

describe('refunds', () => {
  const rows: [
    name: string,
    texts: string[],
    refunds: string[],
    outcomes: Partial<Record<LineOutcome, number>>,
  ][] = [
    ['in part', ['1 A 6 2.0 7', 'C2 A -2 2.0 7'], ['1/0=4'], { trade: 1, refund: 1 }],
    ['in full', ['1 A 6 2.0 7', 'C2 A -6 2.0 7'], ['1/0=12'], { trade: 1, refund: 1 }],
    ['a code in the other case', ['1 A 1 2.0 7', 'C2 a -1 2.0 7'], ['1/0=2'], { trade: 1, refund: 1 }],
    [
      'most recent purchase first',
      ['1 A 1 2.0 7', '2 A 1 2.0 7', 'C3 A -1 2.0 7'],
      ['2/0=2'],
      { trade: 2, refund: 1 },
    ],
    [
      'over two purchases',
      ['1 A 1 2.0 7', '2 A 1 2.0 7', 'C3 A -2 1.5 7'],
      ['2/0=2,1/0=1'],
      { trade: 2, refund: 1 },
    ],
    ['more than was bought', ['1 A 1 2.0 7', 'C2 A -2 2.0 7'], ['1/0=2'], { trade: 1, 'refund-exceeds': 1 }],
    [
      'twice',
      ['1 A 1 2.0 7', 'C2 A -1 2.0 7', 'C3 A -1 2.0 7'],
      ['1/0=2'],
      { trade: 1, refund: 1, 'refund-exhausted': 1 },
    ],
    [
      'in two parts that exceed it',
      ['1 A 6 1.0 7', 'C2 A -4 1.0 7', 'C3 A -4 1.0 7'],
      ['1/0=4', '1/0=2'],
      { trade: 1, refund: 1, 'refund-exceeds': 1 },
    ],
    [
      'bought again since',
      ['1 A 1 2.0 7', 'C2 A -1 2.0 7', '3 A 1 2.0 7', 'C4 A -2 1.0 7'],
      ['1/0=2', '3/0=2'],
      { trade: 2, refund: 2 },
    ],
    ['of another customer', ['1 A 1 2.0 7', 'C2 A -1 2.0 8'], [], { trade: 1, 'refund-without-purchase': 1 }],
    ['of another code', ['1 A 1 2.0 7', 'C2 B -1 2.0 7'], [], { trade: 1, 'refund-without-purchase': 1 }],
    ['of a guest', ['1 A 1 2.0 -', 'C1 A -1 2.0 -'], [], { trade: 1, 'refund-without-purchase': 1 }],
    ['before the purchase', ['C1 A -1 2.0 7', '2 A 1 2.0 7'], [], { trade: 1, 'refund-without-purchase': 1 }],
    [
      'one transaction per merchant',
      ['1 A 1 2.0 7', '1 POST 1 3.0 7', 'C2 POST -1 3.0 7', 'C2 A -1 2.0 7'],
      ['1/1=3', '1/0=2'],
      { trade: 2, refund: 2 },
    ],
  ];
  test.each(rows)('%s', (_name, texts, refunds, outcomes) => {
    const { planned, tally } = plan(rowsOf(...texts));
    const found = planned.flatMap((item) =>
      item.kind === 'refund'
        ? [item.matches.map((m) => `${m.purchaseInvoice}/${m.lineIndex}=${m.amount / 1_000_000}`).join(',')]
        : [],
    );
    expect(found).toEqual(refunds);
    expect(counts(tally)).toEqual(outcomes);
  });

  test('what is not refunded is added up', () => {
    const { tally } = plan(
      rowsOf('1 A 1 2.0 7', 'C2 A -2 2.0 7', 'C3 A -1 5.0 7', 'C4 B -1 1.0 7', 'C5 A -1 0.5 -'),
    );
    expect(tally.unrefundedAmount).toBe(8_500_000);
  });
});

describe('limits', () => {
  const lines = (count: number, invoice = '1') =>
    Array.from({ length: count }, (_, i) => `${invoice} A${i} 1 1.0 7`);

  test('an invoice of more operations than a transaction holds', () => {
    const { planned } = plan(rowsOf(...lines(7)), { ...PLAN_LIMITS, maxOperations: 3 });
    const [invoice] = planned as PlannedInvoice[];
    expect([invoice!.parts, invoice!.partStarts]).toEqual([3, [0, 3, 6]]);
    expect(partsOf(invoice!).map((part) => part.length)).toEqual([3, 3, 1]);
  });

  test('an invoice of more bytes than a transaction holds', () => {
    // Each trade: 10 bytes and the 5 of THING; three fill 45 of 59.
    const { planned } = plan(rowsOf(...lines(7)), {
      ...PLAN_LIMITS,
      tradeBytes: 10,
      maxTransactionBytes: 59,
    });
    expect((planned as PlannedInvoice[])[0]!.partStarts).toEqual([0, 3, 6]);
  });

  test('a refund points at the transaction and the operation', () => {
    const rows = rowsOf(...lines(7), 'C2 A4 -1 1.0 7');
    const { planned } = plan(rows, { ...PLAN_LIMITS, maxOperations: 3 });
    expect(planned[1]).toEqual({
      kind: 'refund',
      invoice: 'C2',
      customer: '7',
      merchant: 'other',
      day: '2011-01-04',
      matches: [
        { purchaseInvoice: '1', lineIndex: 4, part: 1, operation: 1, amount: 1_000_000, lineNumber: 9 },
      ],
    });
  });

  test('refunds of one merchant over the limit make several transactions', () => {
    const back = Array.from({ length: 7 }, (_, i) => `C2 A${i} -1 1.0 7`);
    const { planned } = plan(rowsOf(...lines(7), ...back), { ...PLAN_LIMITS, maxOperations: 3 });
    expect(planned.map((item) => (item.kind === 'refund' ? item.matches.length : 'purchase'))).toEqual([
      'purchase',
      3,
      3,
      1,
    ]);
  });

  test('an invoice that the file comes back to goes on counting', () => {
    const { planned } = plan(rowsOf('1 A 1 1.0 7', '2 A 1 1.0 7', '1 B 1 1.0 7', 'C3 B -1 1.0 7'));
    expect(planned[2]).toMatchObject({ invoice: '1', firstPart: 1, firstLineIndex: 1, parts: 1 });
    expect(planned[3]).toMatchObject({
      matches: [{ purchaseInvoice: '1', lineIndex: 1, part: 1, operation: 0 }],
    });
  });

  test('an invoice without end is handed on in pieces', () => {
    const { planned } = plan(rowsOf(...lines(7)), { ...PLAN_LIMITS, maxInvoiceLines: 3 });
    const found = (planned as PlannedInvoice[]).map((p) => [p.firstPart, p.firstLineIndex, p.lines.length]);
    expect(found).toEqual([
      [0, 0, 3],
      [1, 3, 3],
      [2, 6, 1],
    ]);
  });

  test('lines beyond the plan are counted, not kept', () => {
    const { planned, tally } = plan(rowsOf(...lines(7)), { ...PLAN_LIMITS, maxPlanLines: 5 });
    expect(counts(tally)).toEqual({ trade: 5, 'plan-full': 2 });
    expect((planned as PlannedInvoice[])[0]!.lines.length).toBe(5);
  });

  test('trades never add up to more than the supply', () => {
    const { planned, tally } = plan(
      rowsOf('1 A 9000000 999.999 7', '1 A 2 1000.0 7', '1 A 9 1000.0 7', '1 A 7 1000.0 7'),
    );
    expect(counts(tally)).toEqual({ trade: 3, 'beyond-supply': 1 });
    const amounts = (planned as PlannedInvoice[])[0]!.lines.map((l) => l.amount);
    expect(amounts.reduce((a, b) => a + b)).toBe(MAX_AMOUNT - 9_000_000_000 + 2_000_000_000 + 7_000_000_000);
  });
});

test('bad rows and a stop are kept in the account', () => {
  const failure = { code: 'orders-gzip', message: 'cut short' };
  const bad: OrderRow[] = Array.from({ length: 30 }, (_, i) => ({
    kind: 'bad-row',
    lineNumber: i + 3,
    code: 'bad-date',
  }));
  const { planned, tally } = plan([...rowsOf('1 A 1 1.0 7'), ...bad, { kind: 'stopped', failure }]);
  expect(planned.length).toBe(1);
  expect(tally).toMatchObject({ linesRead: 31, badRows: { 'bad-date': 30 }, stopped: failure });
  expect(tally.badRowExamples.length).toBe(20);
  expect(tally.badRowExamples[0]).toEqual({ lineNumber: 3, code: 'bad-date' });
});

describe('any file', () => {
  const piece = fc.record({
    code: fc.constantFrom('22423', 'POST'),
    quantity: fc.integer({ min: -4, max: 6 }),
    price: fc.constantFrom('0.5', '1.0', '2.001', '0.5', '1.0', '2.001', '0.0', '-1.0'),
  });
  const anyInvoice = fc
    .record({
      invoice: fc.constantFrom('1', '2', '3', '4', 'C5', 'C6', 'C7', 'A8'),
      customer: fc.constantFrom('7', '7', '8', '-'),
      pieces: fc.array(piece, { minLength: 1, maxLength: 7, size: 'max' }),
    })
    .map(({ invoice, customer, pieces }) =>
      pieces.map(({ code, quantity, price }) => {
        // Most cancellations are negative and most purchases positive, as in the real file.
        const signed = invoice.startsWith('C') && quantity > 2 ? -quantity : quantity;
        return `${invoice} ${code} ${signed} ${price} ${customer}`;
      }),
    );
  const anyFile = fc.array(anyInvoice, { maxLength: 15, size: 'max' }).map((invoices) => invoices.flat());
  const limits = fc.record({
    maxOperations: fc.integer({ min: 1, max: 4 }),
    maxInvoiceLines: fc.integer({ min: 1, max: 5 }),
  });

  test('no line is lost; refunds point at real trades and never exceed them', () => {
    const reached = new Map<LineOutcome, number>();
    fc.assert(
      fc.property(anyFile, limits, (texts, limit) => {
        const { planned, tally } = plan(rowsOf(...texts), { ...PLAN_LIMITS, ...limit });
        expect(tally.linesRead).toBe(texts.length);
        expectSumOfOutcomes(tally);
        for (const o of LINE_OUTCOMES) reached.set(o, (reached.get(o) ?? 0) + tally.outcomes[o]);

        /** What the ledger would hold: a trade by invoice, transaction and operation. */
        const ledger = new Map<
          string,
          { customer: string; stockCode: string; merchant: string; left: number }
        >();
        const lineIds = new Map<string, string>();
        const seenLines = new Set<number>();
        const refundLines = new Set<number>();
        let refunded = 0;
        for (const item of planned) {
          if (item.kind === 'refund') {
            expect(item.matches.length).toBeLessThanOrEqual(limit.maxOperations);
            for (const match of item.matches) {
              const id = `${match.purchaseInvoice}/${match.part}/${match.operation}`;
              const trade = ledger.get(id)!;
              expect(trade.customer).toBe(item.customer);
              expect(trade.merchant).toBe(item.merchant);
              expect(trade.stockCode).toBe(line(texts[match.lineNumber - 2]!).stockCode);
              expect(lineIds.get(`${match.purchaseInvoice}/${match.lineIndex}`)).toBe(id);
              trade.left -= match.amount;
              expect(match.amount).toBeGreaterThan(0);
              expect(trade.left).toBeGreaterThanOrEqual(0);
              refunded += match.amount;
              refundLines.add(match.lineNumber);
            }
            continue;
          }
          expect(item.parts).toBe(item.partStarts.length);
          let index = item.firstLineIndex;
          for (const [p, part] of partsOf(item).entries()) {
            expect(part.length).toBeGreaterThan(0);
            expect(part.length).toBeLessThanOrEqual(limit.maxOperations);
            for (const [operation, { stockCode, merchant, amount, lineNumber }] of part.entries()) {
              const id = `${item.invoice}/${item.firstPart + p}/${operation}`;
              expect(ledger.has(id)).toBe(false);
              expect(seenLines.has(lineNumber)).toBe(false);
              seenLines.add(lineNumber);
              lineIds.set(`${item.invoice}/${index++}`, id);
              ledger.set(id, { customer: item.customer, stockCode, merchant, left: amount });
            }
          }
        }
        expect(seenLines.size).toBe(tally.outcomes.trade);
        expect(refundLines.size).toBe(tally.outcomes.refund + tally.outcomes['refund-exceeds']);
        let cancelled = 0;
        for (const text of texts) {
          const { invoice, quantity, amount } = line(text);
          if (invoice.startsWith('C') && quantity < 0 && amount > 0) cancelled += amount;
        }
        expect(refunded + tally.unrefundedAmount).toBe(cancelled);
      }),
      { numRuns: 200 },
    );
    // The generator must reach the cases that this is about.
    for (const outcome of ['refund', 'refund-exceeds', 'refund-exhausted'] as const) {
      expect(reached.get(outcome)).toBeGreaterThan(20);
    }
  });
});
