import { formatAmount } from '@iotw/sdk/transaction/amount';
import i18next from 'i18next';
import type { Language } from '../i18n/start.ts';
import { writtenDate, writtenTime } from './written-time.ts';

/** How the app writes numbers, times and names, in the language that is chosen. */

interface Format {
  readonly format: (value: number) => string;
}

/** One formatter by language, made when it is first needed: making one costs more than a hundred uses. */
function formats(make: (language: string) => Format): () => Format {
  const made = new Map<string, Format>();
  return () => {
    const { language } = i18next;
    const known = made.get(language) ?? make(language);
    made.set(language, known);
    return known;
  };
}

const counts = formats((language) => new Intl.NumberFormat(language));
const percents = formats(
  (language) => new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }),
);

/** A number with separators; whole ones without the browser's formatter, which takes long to make. */
export function count(value: number): string {
  return Number.isSafeInteger(value) ? grouped(String(value)) : counts().format(value);
}

/** Digits in groups of three, as both languages have them. */
function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Base units as IOTW with separators and without superfluous zeros, such as `1,500.25`. */
export function iotw(units: number): string {
  const [whole = '0', rest] = formatAmount(units).split('.');
  const separated = grouped(whole);
  return rest === undefined ? separated : `${separated}.${rest}`;
}

/** Local date and time of ms since 1970. */
export function time(ms: number): string {
  return writtenTime(i18next.language as Language, ms);
}

export function date(ms: number): string {
  return writtenDate(i18next.language as Language, ms);
}

/** A share as percent, such as `2.5%`. */
export function percent(share: number): string {
  return percents().format(share);
}

/** Beginning and end of a long name: enough to tell two apart, never enough to trust. */
export function short(text: string, kept = 8): string {
  return text.length <= 2 * kept + 1 ? text : `${text.slice(0, kept)}…${text.slice(-kept)}`;
}
