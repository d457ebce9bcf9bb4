import { formatAmount } from '@iotw/sdk/transaction/amount';
import i18next from 'i18next';

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
const times = formats(
  (language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }),
);
const dates = formats((language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }));
const percents = formats(
  (language) => new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }),
);

export function count(value: number): string {
  return counts().format(value);
}

/** Base units as IOTW with separators and without superfluous zeros, such as `1,500.25`. */
export function iotw(units: number): string {
  const [whole = '0', rest] = formatAmount(units).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}

/** Local date and time of ms since 1970. */
export function time(ms: number): string {
  return times().format(ms);
}

export function date(ms: number): string {
  return dates().format(ms);
}

/** A share as percent, such as `2.5%`. */
export function percent(share: number): string {
  return percents().format(share);
}

/** Beginning and end of a long name: enough to tell two apart, never enough to trust. */
export function short(text: string, kept = 8): string {
  return text.length <= 2 * kept + 1 ? text : `${text.slice(0, kept)}…${text.slice(-kept)}`;
}
