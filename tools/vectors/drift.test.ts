/** The vector files hold what the code does today. */
import { describe, expect, it } from 'vitest';
import { vectorFiles } from './all.mjs';
import { textOf } from './test-files.js';

const made: Map<string, string> = vectorFiles();

describe('drift', () => {
  it.each([...made.keys()])('%s is what `npm run vectors` writes', (name) => {
    expect(textOf(name)).toBe(made.get(name));
  });
  it('all files together stay below 1 MB', () => {
    expect([...made.values()].reduce((n, text) => n + text.length, 0)).toBeLessThan(1_000_000);
  });
});
