import { expect, it } from 'vitest';
import { suggestWords } from './suggest-words.js';

it.each([
  ['abandn', 'abandon'],
  ['Zooo', 'zoo'],
  ['acess', 'access'],
  ['wrogn', 'wrong'],
  ['letterz', 'letter'],
])('for %s the first suggestion is %s', (typed, meant) => {
  expect(suggestWords(typed)[0]).toBe(meant);
});

it('keeps a word whose letters are swapped among the suggestions', () => {
  expect(suggestWords('recieve')).toContain('receive');
});

it.each([[''], ['qqqqqqqq'], ['x'.repeat(1000)], ['12']])('for %j there is none', (typed) => {
  expect(suggestWords(typed)).toEqual([]);
});

it('gives a few words at most', () => {
  expect(suggestWords('bat').length).toBeLessThanOrEqual(4);
});
