import { formatAmount } from '@iotw/sdk/transaction/amount';

/** Base units with their unit's name. */
export function iotw(units: number): string {
  return `${formatAmount(units)} IOTW`;
}

/** A time as people read it, in UTC; agreed time, ms since 1970. */
export function time(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime())
    ? String(ms)
    : date.toISOString().replace('T', ' ').replace('Z', ' UTC');
}

/** The head of a long hash or key. */
export function short(hex: string): string {
  return hex.length > 16 ? `${hex.slice(0, 12)}...` : hex;
}

/** A JSON value as one line: text as it is, the rest as JSON. */
export function inline(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
