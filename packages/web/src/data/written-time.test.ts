import { describe, expect, it } from 'vitest';
import type { Language } from '../i18n/start.ts';
import { writtenDate, writtenTime } from './written-time.ts';

const HOUR_MS = 3_600_000;
/** Every hour of days in all months, and some seconds. */
const TIMES = Array.from(
  { length: 24 * 12 },
  (_, n) => Date.UTC(2026, n % 12, 1 + (n % 28), 0, n % 60, (n * 7) % 60) + n * HOUR_MS,
);
const plain = (text: string) => text.replace(/\s/g, ' ');

describe.each<Language>(['en', 'zh-Hant'])('%s', (language) => {
  it('writes times as the browser does', () => {
    const own = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
    expect(TIMES.map((ms) => writtenTime(language, ms))).toEqual(TIMES.map((ms) => plain(own.format(ms))));
  });

  it('writes dates as the browser does', () => {
    const own = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
    expect(TIMES.map((ms) => writtenDate(language, ms))).toEqual(TIMES.map((ms) => own.format(ms)));
  });
});
