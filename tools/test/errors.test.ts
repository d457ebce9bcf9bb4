import { describe, expect, it } from 'vitest';
import { codesOf, compareErrors, compareRepository, PRODUCT } from '../errors/codes.mjs';

const SOURCE = `
  export function f(x: number) { return x > 1 ? fail('too-big', 'm') : fail(x < 0 ? 'below' : 'zero-value', 'm'); }
  export const RESULT_CODES = { ok: 0, 'sequence-used': 4 } as const;
  const ROW_CODES = new Set(['bad-row', 'bad-quote']);
  const r = { kind: 'x', code: 'line-too-long' };
  function faultOf(n: number) { if (n > 1) return 'disk-full'; return n ? 'disk-broken' : 'disk-gone'; }
  const f2 = () => fail(faultOf(1), 'm');
  const node = { code: 'ENOENT', other: 'not-a-code' };
`;

const page = (...codes: string[]) => codes.map((code) => `| \`${code}\` | w | m | h |`).join('\n');

describe('finding failure codes', () => {
  it('takes fail(), code properties and CODES tables, and nothing else', () => {
    const { codes } = codesOf('a.ts', SOURCE);
    expect([...codes.keys()].sort()).toEqual(
      [
        'bad-quote',
        'bad-row',
        'below',
        'disk-broken',
        'disk-full',
        'disk-gone',
        'line-too-long',
        'sequence-used',
        'too-big',
        'zero-value',
      ].sort(),
    );
  });

  it('reads pages of the web app too, with the markup in them', () => {
    const paths = [
      'packages/web/src/a.ts',
      'packages/web/src/a.tsx',
      'packages/web/src/a.test.tsx',
      'tools/a.ts',
    ];
    expect(paths.filter((path) => PRODUCT.test(path))).toEqual(paths.slice(0, 2));
    const { codes } = codesOf(paths[1]!, "const A = () => <Act run={() => fail('in-markup', 'm')}>x</Act>;");
    expect([...codes.keys()]).toEqual(['in-markup']);
  });

  it('follows a code through functions that hand it on, also those of other files', () => {
    const sources = [
      {
        path: 'a.ts',
        text: "export function refuse(code: string, m: string) { return fail(code, m); } refuse('own-file', 'm');",
      },
      {
        path: 'b.ts',
        text: `const bad = (what: string, code: string) => refuse(code, what); bad('not-this', 'two-steps');
          function note(code: string) { log({ code }); } note('short-hand'); other('not-this-either');`,
      },
      { path: 'c.ts', text: "refuse(x ? 'one-way' : 'other-way', 'm'); bad('w', 'private-there');" },
    ];
    const { missing } = compareErrors(sources, '');
    expect(missing.map(({ code }) => code)).toEqual([
      'own-file',
      'two-steps',
      'short-hand',
      'one-way',
      'other-way',
    ]);
  });

  it('names a missing, a stale, a doubled and an unfilled row', () => {
    const sources = [{ path: 'a.ts', text: "fail('a-b', 'm'); fail('c-d', 'm'); fail('e-f', 'm')" }];
    const markdown = `${page('a-b', 'a-b', 'gone-away')}\n| \`e-f\` | w |  | h |`;
    expect(compareErrors(sources, markdown)).toEqual({
      missing: [{ code: 'c-d', path: 'a.ts' }],
      stale: ['gone-away'],
      doubled: ['a-b'],
      unfilled: ['e-f'],
    });
  });
});

describe('docs/errors.md', () => {
  // It parses every source: half a minute on a busy machine.
  it('has one full row for every failure code and no row without a code (node tools/errors/list.mjs)', {
    timeout: 240_000,
  }, () => {
    expect(compareRepository()).toEqual({ missing: [], stale: [], doubled: [], unfilled: [] });
  });
});
