import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ALL_MUTATIONS } from './all-mutations.js';
import { firstOfEach, hintsOf, namesListed, pageOf } from './list-page.js';
import { compiledFind } from './mutation.js';
import { PLANTS } from './plants.js';

describe('bugs planted in the code', () => {
  it.each(ALL_MUTATIONS)('$name is where it says', ({ file, find, times = 1 }) => {
    const slash = file.indexOf('/');
    const source = `../../../${file.slice(0, slash)}/src/${file.slice(slash + 1)}.ts`;
    const text = readFileSync(new URL(source, import.meta.url), 'utf8');
    expect(text.split(find).length - 1).toBe(times);
  });

  it('are many, each with a name of its own', () => {
    const names = [...PLANTS, ...ALL_MUTATIONS].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(30);
  });

  it('stand on their page with the seed to begin with', () => {
    const page = pageOf([
      { name: 'forgets-boot', seed: 3, invariant: 'attestation-numbers', message: '' },
      { name: 'votes-unsigned', seed: undefined, invariant: '', message: '' },
    ]);
    expect(page).toContain('Caught: 1 of 2 (50%)');
    expect(namesListed(page)).toEqual(['forgets-boot', 'votes-unsigned']);
    expect(hintsOf(page)).toEqual(new Map([['forgets-boot', 3]]));
  });

  it('are looked for by one of each invariant', () => {
    const row = ([name, seed, invariant]: readonly [string, number | undefined, string]) => ({
      ...{ name, seed, invariant, message: '' },
    });
    const rows = [
      ['forgets-boot', 3, 'attestation-numbers'],
      ['votes-unsigned', undefined, ''],
      ['ranks-shifted', 1, 'certificates-valid'],
      ['own-devices', 1, 'certificates-valid'],
      ['drops-votes', 2, 'lanes-progress'],
    ] as const;
    expect(firstOfEach(pageOf(rows.map(row)))).toEqual(['forgets-boot', 'ranks-shifted', 'drops-votes']);
  });

  it('are found as the compiler leaves them', () => {
    expect(compiledFind({ find: 'a[b]! <= c(d)!.e' })).toBe('a[b] <= c(d).e');
    expect(compiledFind({ find: 'a', compiled: 'b' })).toBe('b');
  });
});
