import type { Language } from '../i18n/start.ts';

/**
 * Dates and times as `Intl.DateTimeFormat` writes them with `dateStyle` and `timeStyle` medium. The first such formatter takes a
 * phone longer than a page of rows, so the languages of the app are written here; a test holds them to the browser's own.
 */
interface Writing {
  readonly date: (time: Date) => string;
  /** Between date and time. */
  readonly between: string;
  readonly time: (time: Date) => string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Parts of a Chinese day, each with the hour before which it ends. */
const DAY_PARTS = [
  [5, '凌晨'],
  [8, '清晨'],
  [12, '上午'],
  [13, '中午'],
  [19, '下午'],
  [24, '晚上'],
] as const;

const WRITINGS: Readonly<Record<Language, Writing>> = {
  en: {
    date: (time) => `${MONTHS[time.getMonth()]} ${time.getDate()}, ${time.getFullYear()}`,
    between: ', ',
    time: (time) => `${clock(time)} ${time.getHours() < 12 ? 'AM' : 'PM'}`,
  },
  'zh-Hant': {
    date: (time) => `${time.getFullYear()}年${time.getMonth() + 1}月${time.getDate()}日`,
    between: ' ',
    time: (time) => `${DAY_PARTS.find(([end]) => time.getHours() < end)?.[1]}${clock(time)}`,
  },
};

/** Hours up to 12, minutes and seconds. */
function clock(time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${time.getHours() % 12 || 12}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** Local date of ms since 1970, such as `Nov 3, 2026`. */
export function writtenDate(language: Language, ms: number): string {
  return WRITINGS[language].date(new Date(ms));
}

/** Local date and time of ms since 1970, such as `Nov 3, 2026, 4:17:38 PM`. */
export function writtenTime(language: Language, ms: number): string {
  const { date, between, time } = WRITINGS[language];
  const at = new Date(ms);
  return `${date(at)}${between}${time(at)}`;
}
