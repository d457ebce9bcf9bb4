/** A ledger with receipts, who is trusted about it, and what a report says. */
import type { ReceiptReport } from './receipt.js';
import { TestLedger } from './test-ledger.js';
import { type Trust, trustFromGenesis } from './trust.js';

export const l = new TestLedger();
export const four = new TestLedger(4);
export const trust = trustOf(l);

export function trustOf(ledger: TestLedger, more: Partial<Trust> = {}): Trust {
  const base = trustFromGenesis(ledger.genesis, ledger.network);
  if (!base.ok) throw new Error(base.error.code);
  return { ...base.value, pool: ledger.pool, removed: () => false, ...more };
}
export const named = (report: ReceiptReport, state: string) =>
  report.checks.filter((check) => check.state === state).map(({ name }) => name);
export const codeOf = (report: ReceiptReport, name: string) =>
  report.checks.find((check) => check.name === name)?.code;
