import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert, describe, expect, test } from 'vitest';
import { FAILPOINTS, type FailpointName } from './failpoint-names.js';
import { failpointsFromEnvironment, parseFailpoints } from './failpoints.js';

function productFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.ts$/.test(path) && !/\.test\.ts$|failpoint-names\.ts$/.test(path))
    .map((path) => join(dir, path));
}

class Killed extends Error {}
const kill = (): never => {
  throw new Killed();
};

function passes(text: string, name: FailpointName, count: number): string {
  const parsed = parseFailpoints(text, kill);
  assert(parsed.ok);
  let out = '';
  for (let i = 0; i < count; i++) {
    try {
      out += parsed.value.hit(name)?.[0] ?? '.';
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      out += 'X';
    }
  }
  return out;
}

describe('failpoints', () => {
  test.each([
    ['store-get=eio', 'store-get', 'e....'],
    ['store-get=eio@3', 'store-get', '..e..'],
    ['store-get=eio@3+', 'store-get', '..eee'],
    ['store-get=eio+', 'store-get', 'eeeee'],
    ['store-get=exit@2', 'store-get', '.X...'],
    ['store-get=eio', 'store-range-open', '.....'],
    [' store-get=eio , store-range-open=enospc@2,', 'store-range-open', '.e...'],
    ['store-commit-before-begin=torn', 'store-commit-before-begin', 't....'],
    ['store-commit-before-begin=lost@5', 'store-commit-before-begin', '....l'],
    ['', 'store-get', '.....'],
  ] as const)('%s: passes of %s give %s', (text, name, expected) => {
    expect(passes(text, name, 5)).toBe(expected);
  });

  test.each([
    'store-get',
    'store-get=',
    'store-get=explode',
    'store-get=eio@0',
    'store-get=eio@-1',
    'store-get=eio@x',
    'no-such-point=eio',
    'toString=eio',
    'store-commit-after-ack=eio',
    'store-get=torn',
    'store-get=eio;store-range-open=eio',
  ])('refuses %s', (text) => {
    const parsed = parseFailpoints(text);
    assert(!parsed.ok);
    expect(parsed.error.code).toBe('failpoint-syntax');
  });

  test('every registered point can be armed with every action it lists', () => {
    for (const [name, row] of Object.entries(FAILPOINTS)) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
      for (const action of row.actions) expect(parseFailpoints(`${name}=${action}`).ok).toBe(true);
    }
  });

  test('every registered point is passed by the product', () => {
    const packages = fileURLToPath(new URL('../../..', import.meta.url));
    const sources = ['adapters', 'runtime', 'api'].flatMap((name) =>
      productFiles(join(packages, name, 'src')),
    );
    const text = sources.map((path) => readFileSync(path, 'utf8')).join('\n');
    expect(Object.keys(FAILPOINTS).filter((name) => !text.includes(`'${name}'`))).toEqual([]);
    expect(Object.keys(FAILPOINTS).length).toBeGreaterThanOrEqual(40);
  });

  test('the environment arms nothing unless it names something', () => {
    expect(failpointsFromEnvironment({})).toEqual({ ok: true, value: undefined });
    expect(failpointsFromEnvironment({ IOTW_FAILPOINTS: ' ' })).toEqual({ ok: true, value: undefined });
    expect(failpointsFromEnvironment({ IOTW_FAILPOINTS: 'store-get=eio' }).ok).toBe(true);
    expect(failpointsFromEnvironment({ IOTW_FAILPOINTS: 'bad' }).ok).toBe(false);
  });
});
