import { expect, it } from 'vitest';
import { boundedLog } from './bounded-log.js';

it('tells 20 lines of a kind in a minute, and later how many it left out', () => {
  const told: string[] = [];
  let now = 0;
  const log = boundedLog(
    (line) => told.push(line),
    () => now,
  );
  for (let i = 1; i <= 25; i++) log(`a${i}`, { code: 'a' });
  expect(told.length).toBe(20);
  log('b1', { code: 'b' });
  log('c1', {});
  expect(told.slice(19)).toEqual(['a20', 'b1', 'c1']);
  now = 59_999;
  log('a26', { code: 'a' });
  now = 60_000;
  log('a27', { code: 'a' });
  log('b2', { code: 'b' });
  expect(told.slice(22)).toEqual(['6 lines like the next were left out', 'a27', 'b2']);
});
