import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LEDGER_MUTATIONS } from './ledger-mutations.js';
import { compiledFind } from './mutation.js';
import { PLANTS } from './plants.js';
import { WITNESS_MUTATIONS } from './witness-mutations.js';

const MUTATIONS = [...WITNESS_MUTATIONS, ...LEDGER_MUTATIONS];

describe('bugs planted in the code', () => {
  it.each(MUTATIONS)('$name is where it says', ({ file, find, times = 1 }) => {
    const slash = file.indexOf('/');
    const source = `../../../${file.slice(0, slash)}/src/${file.slice(slash + 1)}.ts`;
    const text = readFileSync(new URL(source, import.meta.url), 'utf8');
    expect(text.split(find).length - 1).toBe(times);
  });

  it('are many, each with a name of its own', () => {
    const names = [...PLANTS, ...MUTATIONS].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(30);
  });

  it('are found as the compiler leaves them', () => {
    expect(compiledFind({ find: 'a[b]! <= c(d)!.e' })).toBe('a[b] <= c(d).e');
    expect(compiledFind({ find: 'a', compiled: 'b' })).toBe('b');
  });
});
