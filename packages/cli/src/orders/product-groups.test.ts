import { expect, test } from 'vitest';
import { MAX_PRODUCT_GROUPS, productGroup } from './product-groups.js';

const rows: [stockCode: string, group: string][] = [
  ['22423', 'stock-224xx'],
  ['20685', 'stock-206xx'],
  ['23166', 'stock-231xx'],
  ['24000', 'stock-2xxxx'],
  ['85123A', 'stock-85xxx'],
  ['84406B', 'stock-84xxx'],
  ['71053', 'stock-7xxxx'],
  ['15056BL', 'stock-1xxxx'],
  ['POST', 'postage'],
  ['DOT', 'postage'],
  ['C2', 'postage'],
  ['BANK CHARGES', 'charges'],
  ['AMAZONFEE', 'charges'],
  ['GIFT_0001_20', 'gift-vouchers'],
  ['DCGS0003', 'partner-shop'],
  ['DCGSSGIRL', 'partner-shop'],
  ['M', 'other'],
  ['D', 'other'],
  ['PADS', 'other'],
  ['2242', 'other'],
  ['224230', 'other'],
];
test.each(rows)('%s -> %s', (stockCode, group) => {
  expect(productGroup(stockCode)).toBe(group);
});

test('the number of groups is bounded whatever the file holds', () => {
  const groups = new Set<string>();
  for (let code = 0; code < 100_000; code++) groups.add(productGroup(String(code).padStart(5, '0')));
  for (const [code] of rows) groups.add(productGroup(code));
  expect(groups.size).toBe(MAX_PRODUCT_GROUPS);
});
