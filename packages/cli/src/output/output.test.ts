import { describe, expect, it } from 'vitest';
import { iotw, short, time } from './forms.js';
import { plainText } from './plain-text.js';
import { styleOf, wantsColor } from './style.js';
import { formatFields, formatTable } from './table.js';

describe('text of others', () => {
  const table: [given: string, shown: string][] = [
    ['Aurora Fans', 'Aurora Fans'],
    ['Möbel 台北', 'Möbel 台北'],
    ['\u001b[2Jgone', '\u{fffd}[2Jgone'],
    ['two\nlines\r', 'two\u{fffd}lines\u{fffd}'],
    ['right \u202eto left', 'right \u{fffd}to left'],
    ['zero\u200bwidth', 'zero\u{fffd}width'],
    ['\u009b31m', '\u{fffd}31m'],
  ];
  for (const [given, shown] of table) {
    it(JSON.stringify(given), () => expect(plainText(given)).toBe(shown));
  }
});

describe('colour', () => {
  const table: [terminal: boolean, env: Record<string, string>, color: boolean][] = [
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
  ];
  for (const [terminal, env, color] of table) {
    it(`${terminal} ${JSON.stringify(env)}`, () => expect(wantsColor(terminal, env)).toBe(color));
  }

  it('without it text stays as it is', () => {
    expect(styleOf(false).bad('x')).toBe('x');
    expect(styleOf(true).bad('x')).toBe('\u001b[31mx\u001b[39m');
  });
});

describe('tables', () => {
  it('align numbers to the right and leave no blanks at line ends', () => {
    const columns = [{ name: 'n', right: true }, { name: 'name' }];
    const rows = [
      ['1', 'Aurora Fans'],
      ['100', 'Guest\u001b[0m'],
    ];
    expect(formatTable(columns, rows)).toEqual(['  n  name', '  1  Aurora Fans', '100  Guest\u{fffd}[0m']);
  });

  it('fields stand below each other', () => {
    expect(
      formatFields([
        ['fee', '1'],
        ['sequence', '22'],
      ]),
    ).toEqual(['fee       1', 'sequence  22']);
  });
});

it('amounts, times and hashes', () => {
  expect([iotw(0), iotw(1), iotw(1_500_000), iotw(9_000_000_000_000_000)]).toEqual([
    '0 IOTW',
    '0.000001 IOTW',
    '1.5 IOTW',
    '9000000000 IOTW',
  ]);
  expect(time(0)).toBe('1970-01-01 00:00:00.000 UTC');
  expect(time(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991');
  expect(short('ab'.repeat(32))).toBe('abababababab...');
});
