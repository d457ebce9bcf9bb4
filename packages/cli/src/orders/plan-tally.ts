import type { Failure } from '@iotw/kernel/result';
import type { CsvRowCode } from './csv.js';
import type { OrderLineCode } from './order-lines.js';

/** Every line of the file ends in exactly one of these. The first two are replayed in full. */
export const LINE_OUTCOMES = [
  'trade',
  'refund',
  'refund-exceeds',
  'refund-exhausted',
  'refund-without-purchase',
  'no-price',
  'negative-price',
  'zero-quantity',
  'negative-not-cancellation',
  'cancellation-not-negative',
  'adjustment',
  'bad-row',
  'beyond-supply',
  'plan-full',
] as const;
export type LineOutcome = (typeof LINE_OUTCOMES)[number];

/** What the terminal says of each outcome. */
export const OUTCOME_MEANING: Readonly<Record<LineOutcome, string>> = {
  trade: 'bought: one trade operation',
  refund: 'cancelled: refunded in full',
  'refund-exceeds': 'cancelled: worth more than what was bought, refunded up to that',
  'refund-exhausted': 'cancelled: what was bought is refunded already',
  'refund-without-purchase': 'cancelled: the customer never bought it in this file',
  'no-price': 'unit price 0',
  'negative-price': 'unit price below 0',
  'zero-quantity': 'quantity 0',
  'negative-not-cancellation': 'quantity below 0 on an invoice that is no cancellation',
  'cancellation-not-negative': 'quantity above 0 on a cancellation',
  adjustment: 'accounting adjustment (InvoiceNo begins with another letter)',
  'bad-row': 'not a well-formed order line',
  'beyond-supply': 'the trades so far add up to the maximum supply',
  'plan-full': 'beyond the most lines one plan holds',
};

export type BadRowCode = CsvRowCode | OrderLineCode;
/** Examples kept for the reader: the first bad rows with their line numbers. */
export const MAX_BAD_ROW_EXAMPLES = 20;

/** The account of all lines read so far: `linesRead` is the sum of `outcomes` at every moment. */
export interface PlanTally {
  linesRead: number;
  readonly outcomes: Record<LineOutcome, number>;
  /** The bad rows of `outcomes` by their code. */
  readonly badRows: Partial<Record<BadRowCode, number>>;
  readonly badRowExamples: { lineNumber: number; code: BadRowCode }[];
  /** Cancelled base units that aren't refunded (refund-exceeds, -exhausted, -without-purchase). */
  unrefundedAmount: number;
  /** Why reading ended before the end of the file. */
  stopped?: Failure;
}

export function emptyTally(): PlanTally {
  const outcomes = Object.fromEntries(LINE_OUTCOMES.map((name) => [name, 0])) as Record<LineOutcome, number>;
  return { linesRead: 0, outcomes, badRows: {}, badRowExamples: [], unrefundedAmount: 0 };
}

/** Counts one line; a bad row also by its code. */
export function countLine(tally: PlanTally, outcome: LineOutcome): void {
  tally.linesRead += 1;
  tally.outcomes[outcome] += 1;
}

export function countBadRow(tally: PlanTally, lineNumber: number, code: BadRowCode): void {
  countLine(tally, 'bad-row');
  tally.badRows[code] = (tally.badRows[code] ?? 0) + 1;
  if (tally.badRowExamples.length < MAX_BAD_ROW_EXAMPLES) tally.badRowExamples.push({ lineNumber, code });
}
