import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, ResultsCache } from './results-cache.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'results-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('results of jobs', () => {
  it('are there for the next run of the same code, each under its own name', () => {
    const cache = new ResultsCache(folder, 'a');
    cache.put('griefing literal 50, seed 1', { value: 1 });
    cache.put('silent 10%, seed 1', [2]);
    const again = new ResultsCache(folder, 'a');
    expect(again.get('griefing literal 50, seed 1')).toEqual({ value: 1 });
    expect(again.get('silent 10%, seed 1')).toEqual([2]);
    expect(again.get('silent 10%, seed 2')).toBeUndefined();
  });

  it('of other code are gone', () => {
    new ResultsCache(folder, 'a').put('job', 1);
    expect(new ResultsCache(folder, 'b').get('job')).toBeUndefined();
    expect(readdirSync(folder)).toEqual(['b']);
  });

  it('that were cut off are worked out again', () => {
    const cache = new ResultsCache(folder, 'a');
    writeFileSync(join(folder, 'a', 'job.json'), '{"value":');
    expect(cache.get('job')).toBeUndefined();
  });
});

describe('a digest of code', () => {
  it('moves with any line of it and with no test', () => {
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep', 'one.js'), '1');
    const first = digestOf([folder]);
    writeFileSync(join(folder, 'one.test.js'), '1');
    expect(digestOf([folder])).toBe(first);
    writeFileSync(join(folder, 'deep', 'one.js'), '2');
    expect(digestOf([folder])).not.toBe(first);
  });
});
