import { describe, expect, it } from 'vitest';
import { MOST_ROWS, readDelivery } from './delivery-csv.ts';

const REGIONS = ['taipei', 'oregon'];
const HEADER = 'key,region,class,signature,label';
const key = (n: number) => n.toString(16).padStart(64, '0');
const row = (n: number, change: Record<string, string> = {}) => {
  const cells = {
    key: key(n),
    region: 'taipei',
    class: 'appliance',
    signature: 'ab'.repeat(64),
    label: '',
    ...change,
  };
  return Object.values(cells).join(',');
};
const read = (...lines: string[]) => readDelivery(lines.join('\n'), REGIONS);

describe('a delivery', () => {
  it('is read row by row, columns in any order, with line numbers of the file', () => {
    const { rows, faults } = read(
      HEADER,
      row(1),
      '',
      row(2, { region: '1', class: 'Meter', label: '"SN ""7"", a"' }),
    );
    expect(faults).toEqual([]);
    expect(rows).toMatchObject([
      { line: 2, region: 0, deviceClass: 0, label: '' },
      { line: 4, region: 1, deviceClass: 1, label: 'SN "7", a' },
    ]);
    const turned = `\uFEFFclass;signature;key;region\r\nmeter;${'ab'.repeat(64)};${key(9).toUpperCase()};oregon\r\n`;
    expect(readDelivery(turned, REGIONS)).toMatchObject({ faults: [], rows: [{ line: 2, region: 1 }] });
    const wrapped = read(HEADER, row(1, { label: '"two\nlines"' }), row(2, { region: 'nowhere' }));
    expect(wrapped.faults).toMatchObject([{ line: 4, what: 'region' }]);
  });

  it.each<[string, string, object]>([
    ['key', row(1, { key: '12ab' }), { found: 4 }],
    ['key', row(1, { key: 'zz'.repeat(32) }), { found: 64 }],
    ['region', row(1, { region: 'moon' }), { given: 'moon', known: 'taipei, oregon' }],
    ['region', row(1, { region: '2' }), { given: '2' }],
    ['class', row(1, { class: 'toaster' }), { given: 'toaster' }],
    ['class', row(1, { class: '__proto__' }), { given: '__proto__' }],
    ['signature', row(1, { signature: 'ab' }), { found: 2 }],
    ['label', row(1, { label: 'x'.repeat(41) }), { most: 40 }],
    ['columns', `${row(1)},more`, { wanted: 5, found: 6 }],
  ])('%s: %#', (what, line, values) => {
    expect(read(HEADER, row(7), line)).toMatchObject({
      rows: [{ line: 2 }],
      faults: [{ line: 3, what, values }],
    });
  });

  it('tells every fault of a line, and a key that stands there twice', () => {
    const { faults } = read(HEADER, row(1), row(1), row(2, { region: 'moon', class: 'toaster' }));
    expect(faults).toMatchObject([
      { line: 3, what: 'twice', values: { first: 2 } },
      { line: 4, what: 'region' },
      { line: 4, what: 'class' },
    ]);
  });

  it.each<[string, string[], object]>([
    ['nothing', [''], { what: 'empty' }],
    ['a header alone', [HEADER], { what: 'empty' }],
    ['no header', [row(1)], { what: 'header', values: { missing: 'key, region, class, signature' } }],
    ['too many rows', [HEADER, ...Array.from({ length: MOST_ROWS + 1 }, (_, n) => row(n))], { what: 'long' }],
  ])('with %s gives no row', (_name, lines, fault) => {
    expect(read(...lines)).toMatchObject({ rows: [], faults: [fault] });
  });
});
