import { expect, it } from 'vitest';
import { toCsv } from './export.ts';

it('quotes what has commas, quotes or line breaks, and leaves nothing to run in a spreadsheet', () => {
  expect(
    toCsv([
      { a: 1, b: 'x,y', c: null },
      { a: -2, b: 'say "hi"\n', d: { e: [1] } },
      { b: '=HYPERLINK("http://evil")', c: true },
      { b: '@SUM(1)', c: '-1' },
    ]),
  ).toBe(
    [
      'a,b,c,d',
      '1,"x,y",,',
      '-2,"say ""hi""\n",,"{""e"":[1]}"',
      ',"\'=HYPERLINK(""http://evil"")",true,',
      ",'@SUM(1),'-1,",
      '',
    ].join('\r\n'),
  );
});
