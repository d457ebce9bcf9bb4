import { describe, expect, it } from 'vitest';
import { readText } from '../tidy/files.mjs';
import { THREATS_PAGE, testFinding, threatFindings, threatsOf, titlesOf } from './threats.mjs';

const SUITE = `
  describe('transfer', () => {
    it('refuses an overdraft', () => {});
    it.each([[1, 2, 'to a friend']])('moves %i', () => {});
    describe.each(\`a\`)('fees', () => { test(\`takes \${x} first\`, () => {}); });
  });
`;

const FILES: Record<string, string> = {
  'a.test.ts': SUITE,
  'b/c.test.ts': "import { ROWS } from './test-rows.js';\nit.each(ROWS)('pays %s', () => {});",
  'b/test-rows.ts': "export const ROWS = ['a neighbour'];",
  'flow.mjs': "export const flows = [{ name: 'wallet: pays', run: pay }]; const other = { name: 'sleeps' };",
};
const read = (path: string) => FILES[path];

describe('the threat table', () => {
  it('is read row by row', () => {
    const page =
      '| id | attack | rule | issue | test |\n|---|---|---|---|---|\n| T-A-1 | x | y \\| z | 2 | MISSING |\n';
    expect(threatsOf(page)).toEqual([
      { id: 'T-A-1', attack: 'x', rule: 'y \\| z', issue: '2', test: 'MISSING' },
    ]);
  });

  it('finds the titles of a test file with their suites', () => {
    expect(titlesOf(SUITE)).toEqual([
      'transfer',
      'transfer > refuses an overdraft',
      'transfer > moves %i',
      'transfer > fees',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the title is a template in the source
      'transfer > fees > takes ${x} first',
    ]);
  });

  it.each([
    ['`a.test.ts > refuses an overdraft`', undefined],
    ['a.test.ts > transfer > refuses', undefined],
    ['`a.test.ts > moves`<br>`a.test.ts > takes`', undefined],
    ['`a.test.ts > moves`<br>`a.test.ts > flies`', /has no test "flies"/],
    ['`a.test.ts > moves %i [a friend]`', undefined],
    ['`a.test.ts > moves %i [a foe]`', /has no row "a foe"/],
    ['`b/c.test.ts > pays %s [a neighbour]`', undefined],
    ['`b/c.test.ts > pays %s [a foe]`', /has no row "a foe"/],
    ['`flow.mjs > wallet: pays`', undefined],
    ['`flow.mjs > sleeps`', /has no test "sleeps"/],
    ['`b.test.ts > moves`', /does not exist/],
    ['a.test.ts', /not of the form/],
    ['MISSING', /names no test/],
    ['', /names no test/],
  ])('judges %j', (cell, finding) => {
    if (finding === undefined) expect(testFinding(cell, read)).toBeUndefined();
    else expect(testFinding(cell, read)).toMatch(finding);
  });
});

describe('spec/threats.md', () => {
  const threats = threatsOf(readText(THREATS_PAGE));

  it('has rows, each with its own id, an attack, a rule and the issue it belongs to', () => {
    expect(threats.length).toBeGreaterThan(50);
    expect(new Set(threats.map((threat) => threat.id)).size).toBe(threats.length);
    for (const threat of threats) {
      expect(threat.attack, threat.id).not.toBe('');
      expect(threat.rule, threat.id).not.toBe('');
      expect(threat.issue, threat.id).toMatch(/^([2-9]|later)$/);
    }
  });

  it('names an existing test for every attack that is covered by now', () => {
    expect(threatFindings(threats)).toEqual([]);
  });
});
