import { LINE_OUTCOMES, OUTCOME_MEANING, type PlanTally } from './plan-tally.js';
import type { OrdersPlan } from './read-orders.js';
import type { Planned } from './replay-plan.js';

/** What one account does over the whole plan; amounts in base units, fees left out. */
export interface AccountTotals {
  /** Paid by a customer, or received by a merchant. */
  traded: number;
  /** Got back by a customer, or given back by a merchant. */
  refunded: number;
  /** Transactions the account signs: purchases for a customer, refunds for a merchant. */
  transactions: number;
  /** Operations in those transactions. */
  operations: number;
}

/** The plan in figures. */
export interface PlanSummary {
  readonly tally: PlanTally;
  /** Distinct invoices with at least one trade. */
  readonly invoices: number;
  readonly transactions: number;
  readonly trades: number;
  readonly refundTransactions: number;
  readonly refundOperations: number;
  readonly tradedAmount: number;
  readonly refundedAmount: number;
  readonly longestInvoice: number;
  readonly invoicesInParts: number;
  readonly guests: number;
  /** By customer name (guests included) and by product group: what a genesis must fund. */
  readonly customers: ReadonlyMap<string, AccountTotals>;
  readonly merchants: ReadonlyMap<string, AccountTotals>;
}

/** Adds up planned transactions as they come; `summary` may be asked at any moment. */
export class PlanTotals {
  private readonly customers = new Map<string, AccountTotals>();
  private readonly merchants = new Map<string, AccountTotals>();
  private figures = {
    invoices: 0,
    transactions: 0,
    trades: 0,
    refundTransactions: 0,
    refundOperations: 0,
    tradedAmount: 0,
    refundedAmount: 0,
    longestInvoice: 0,
    invoicesInParts: 0,
  };

  add(planned: Planned): void {
    const { figures } = this;
    const customer = accountOf(this.customers, planned.customer);
    if (planned.kind === 'refund') {
      const merchant = accountOf(this.merchants, planned.merchant);
      let amount = 0;
      for (const match of planned.matches) amount += match.amount;
      figures.refundTransactions += 1;
      figures.refundOperations += planned.matches.length;
      figures.refundedAmount += amount;
      merchant.refunded += amount;
      merchant.transactions += 1;
      merchant.operations += planned.matches.length;
      customer.refunded += amount;
      return;
    }
    // A further piece of an invoice seen before is no new invoice.
    if (planned.firstPart === 0) figures.invoices += 1;
    if (planned.firstPart === 0 ? planned.parts > 1 : planned.firstPart === 1) figures.invoicesInParts += 1;
    figures.transactions += planned.parts;
    figures.trades += planned.lines.length;
    figures.longestInvoice = Math.max(figures.longestInvoice, planned.firstLineIndex + planned.lines.length);
    customer.transactions += planned.parts;
    customer.operations += planned.lines.length;
    for (const line of planned.lines) {
      figures.tradedAmount += line.amount;
      customer.traded += line.amount;
      accountOf(this.merchants, line.merchant).traded += line.amount;
    }
  }

  summary(tally: PlanTally): PlanSummary {
    const { customers, merchants } = this;
    let guests = 0;
    for (const name of customers.keys()) if (name.startsWith('guest:')) guests += 1;
    return { tally, ...this.figures, guests, customers, merchants };
  }
}

function accountOf(accounts: Map<string, AccountTotals>, name: string): AccountTotals {
  const known = accounts.get(name);
  if (known !== undefined) return known;
  const fresh = { traded: 0, refunded: 0, transactions: 0, operations: 0 };
  accounts.set(name, fresh);
  return fresh;
}

/** Runs a plan to its end for its figures, as a genesis needs them before the replay starts. */
export async function surveyPlan(plan: OrdersPlan): Promise<PlanSummary> {
  const totals = new PlanTotals();
  for await (const planned of plan.planned) totals.add(planned);
  return totals.summary(plan.tally);
}

const count = (value: number): string => value.toLocaleString('en-GB');
const iotw = (baseUnits: number): string => `${count(Math.floor(baseUnits / 1_000_000))} IOTW`;

/** The summary as lines for the terminal: what is replayed, and every line that isn't, by reason. */
export function summarise(summary: PlanSummary): string[] {
  const { tally } = summary;
  const known = summary.customers.size - summary.guests;
  const lines = [
    `orders      ${count(tally.linesRead)} lines read (1 GBP = 1 IOTW)`,
    `purchases   ${count(summary.invoices)} invoices, ${count(summary.transactions)} transactions, ${count(summary.trades)} trades, ${iotw(summary.tradedAmount)}`,
    `            longest invoice ${count(summary.longestInvoice)} trades; ${count(summary.invoicesInParts)} sent in parts`,
    `refunds     ${count(summary.refundTransactions)} transactions, ${count(summary.refundOperations)} refunds, ${iotw(summary.refundedAmount)} (${iotw(tally.unrefundedAmount)} cancelled without cover)`,
    `accounts    ${count(known)} customers, ${count(summary.guests)} guests, ${count(summary.merchants.size)} merchants`,
  ];
  for (const outcome of LINE_OUTCOMES) {
    const lineCount = tally.outcomes[outcome];
    if (lineCount === 0) continue;
    lines.push(`${count(lineCount).padStart(11)} ${outcome}: ${OUTCOME_MEANING[outcome]}`);
  }
  for (const [code, rows] of Object.entries(tally.badRows)) {
    const at = tally.badRowExamples.find((example) => example.code === code);
    lines.push(
      `${count(rows).padStart(13)} ${code}${at === undefined ? '' : ` (first: line ${at.lineNumber})`}`,
    );
  }
  if (tally.stopped !== undefined) lines.push(`stopped     ${tally.stopped.code}: ${tally.stopped.message}`);
  return lines;
}
