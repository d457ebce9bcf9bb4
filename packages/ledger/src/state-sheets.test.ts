import { describe, expect, it } from 'vitest';
import { pageOfSheet, type StatePage, sheetOf, sheetsOf } from './state-sheets.js';

const page = (table: string, number: number, bytes: number): StatePage => ({
  table,
  page: number,
  bytes: new Uint8Array(bytes).fill(number + 1),
});

describe('sheets of the state', () => {
  it.each([
    [0, 0, 0],
    [7, 0, 7],
    [8, 1, 0],
    [83, 10, 3],
  ])('page %i lies in sheet %i at place %i', (number, sheet, place) => {
    expect(sheetOf(number)).toEqual({ sheet, place });
  });

  it('hold eight pages of one table, whatever their lengths, and give them back', () => {
    const pages = [
      ...Array.from({ length: 17 }, (_, i) => page('accounts', i, 100 + i)),
      ...Array.from({ length: 3 }, (_, i) => page('devices', i, 5)),
      page('meta', 0, 70_000),
    ];
    const sheets = [...sheetsOf(pages)];
    expect(sheets.map(({ table, sheet }) => `${table} ${sheet}`)).toEqual([
      'accounts 0',
      'accounts 1',
      'accounts 2',
      'devices 0',
      'meta 0',
    ]);
    const back = sheets.flatMap(({ table, sheet, bytes }) =>
      Array.from({ length: 8 }, (_, place) => ({
        table,
        page: 8 * sheet + place,
        bytes: pageOfSheet(bytes, place)!,
      })),
    );
    expect(back.filter(({ bytes }) => bytes !== undefined)).toEqual(pages);
  });

  it('only those of which pages are given', () => {
    const sheets = [...sheetsOf([page('accounts', 8, 3), page('accounts', 16, 3), page('accounts', 17, 3)])];
    expect(sheets.map(({ sheet }) => sheet)).toEqual([1, 2]);
  });

  it('that are cut short have no page beyond', () => {
    const [sheet] = sheetsOf([page('accounts', 0, 10), page('accounts', 1, 10)]);
    const { bytes } = sheet!;
    expect(pageOfSheet(bytes, 1)?.length).toBe(10);
    expect(pageOfSheet(bytes, 2)).toBeUndefined();
    expect(pageOfSheet(bytes.subarray(0, bytes.length - 1), 1)).toBeUndefined();
    expect(pageOfSheet(bytes.subarray(0, 31), 0)).toBeUndefined();
    expect(pageOfSheet(new Uint8Array(0), 0)).toBeUndefined();
  });
});
