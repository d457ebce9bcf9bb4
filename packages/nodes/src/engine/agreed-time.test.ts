import { expect, it } from 'vitest';
import { checkAgreedTime } from './agreed-time.js';

it.each([
  ['the agreed time', 100, 100, 90, true],
  ['the last round’s, where that is later', 90, 80, 90, true],
  ['an earlier one', 99, 100, 90, false],
  ['a later one', 101, 100, 90, false],
  ['the agreed one though the last round’s is later', 80, 80, 90, false],
  ['any, with an engine that agrees on none', 7, undefined, 90, true],
])('a round with %s is judged by what is agreed', (_, timeMs, agreedMs, lastRoundMs, good) => {
  const verdict = checkAgreedTime(timeMs, agreedMs, lastRoundMs);
  expect(verdict.ok ? 'ok' : verdict.error.code).toBe(good ? 'ok' : 'round-time');
});
