/**
 * One merchant account per product group. The rule reads the stock code alone, so a product always belongs to
 * the same merchant, whatever its description says that day:
 *
 * | stock code | group | why |
 * |---|---|---|
 * | 5 digits, 20xxx to 23xxx | first three digits: `stock-225xx` | four fifths of all sales lie here |
 * | 5 digits, 8xxxx | first two digits: `stock-85xxx` | |
 * | other 5 digits | first digit: `stock-4xxxx` | few lines each |
 * | POST, DOT, C2 | `postage` | postage and carriage |
 * | BANK CHARGES, AMAZONFEE | `charges` | |
 * | GIFT_... | `gift-vouchers` | |
 * | DCGS... | `partner-shop` | goods of the retailer's second shop |
 * | everything else: M, D, S, B, CRUK, PADS ... | `other` | manual entries, discounts, samples |
 *
 * At most 64 groups exist, for any file. Codes may carry letters after the digits (`85123A`).
 */
export function productGroup(stockCode: string): string {
  if (/^\d{5}(?!\d)/.test(stockCode)) return `stock-${numberedGroup(stockCode)}`;
  const special = SPECIAL_CODES.get(stockCode);
  if (special !== undefined) return special;
  if (stockCode.startsWith('GIFT_')) return 'gift-vouchers';
  if (stockCode.startsWith('DCGS')) return 'partner-shop';
  return 'other';
}

/** @public The most groups the rule can make: 40 of three digits, 10 of two, 9 of one, 5 special. */
export const MAX_PRODUCT_GROUPS = 64;

const SPECIAL_CODES: ReadonlyMap<string, string> = new Map([
  ['POST', 'postage'],
  ['DOT', 'postage'],
  ['C2', 'postage'],
  ['BANK CHARGES', 'charges'],
  ['AMAZONFEE', 'charges'],
]);

function numberedGroup(stockCode: string): string {
  if (/^2[0-3]/.test(stockCode)) return `${stockCode.slice(0, 3)}xx`;
  if (stockCode.startsWith('8')) return `${stockCode.slice(0, 2)}xxx`;
  return `${stockCode.slice(0, 1)}xxxx`;
}
