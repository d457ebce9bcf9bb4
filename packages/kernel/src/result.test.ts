import { expect, test } from 'vitest';
import { AssertionError, assert } from './assert.js';
import { fail, ok, type Result } from './result.js';

test('ok carries a value, fail a code, a message and data', () => {
  expect(ok(7)).toEqual({ ok: true, value: 7 });
  expect(fail('too-large', 'send less')).toEqual({
    ok: false,
    error: { code: 'too-large', message: 'send less' },
  });
  expect(fail('too-large', 'send less', { limit: 3 }).error.data).toEqual({ limit: 3 });
  // Absent data is absent, so that results compare and serialize alike.
  expect('data' in fail('x', 'y').error).toBe(false);
});

test('the ok flag narrows', () => {
  const results: Result<number>[] = [ok(1), fail('no', 'no')];
  expect(results.map((r) => (r.ok ? r.value : r.error.code))).toEqual([1, 'no']);
});

test('a broken assertion throws an error of its own kind', () => {
  expect(() => assert(true, 'fine')).not.toThrow();
  expect(() => assert(0, 'zero')).toThrow(new AssertionError('zero'));
});
