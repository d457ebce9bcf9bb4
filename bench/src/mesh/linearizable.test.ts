import { describe, expect, test } from 'vitest';
import type { Operated } from './bank.js';
import { checkHistory, withStaleRead } from './linearizable.js';

const transfer = (client: number, call: number, end: number, amount: number): Operated => ({
  client,
  call,
  return: end,
  kind: 'transfer',
  from: client,
  to: 1 - client,
  amount,
  fee: 1,
});
const read = (client: number, call: number, end: number, ...balances: number[]): Operated => ({
  client,
  call,
  return: end,
  kind: 'read',
  balances,
});

const history = [
  read(0, 0, 1, 100, 100),
  transfer(0, 2, 6, 10),
  // While the transfer is under way both are true.
  read(1, 3, 4, 100, 100),
  read(1, 5, 6, 89, 110),
  transfer(1, 7, 9, 5),
  read(0, 10, 11, 94, 104),
];

test('a stale read is the last one, with what the first one read', () => {
  expect(withStaleRead(history).at(-1)).toEqual(read(0, 10, 11, 100, 100));
  expect(withStaleRead(history).slice(0, -1)).toEqual(history.slice(0, -1));
});

describe.skipIf(checkHistory([], []) === undefined)('Porcupine, where Go can build it', () => {
  test('takes a linearizable history and refuses one with a stale read', { timeout: 120_000 }, () => {
    expect([checkHistory([100, 100], history), checkHistory([100, 100], withStaleRead(history))]).toEqual([
      'linearizable',
      'not linearizable',
    ]);
  });

  test('refuses a history in which money was made', { timeout: 120_000 }, () => {
    expect(checkHistory([100, 100], [...history, read(0, 20, 21, 95, 104)])).toBe('not linearizable');
  });
});
