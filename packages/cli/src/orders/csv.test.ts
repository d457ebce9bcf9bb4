import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CsvItem, LineSplitter, MAX_LINE_BYTES, parseCsvLine, readCsv } from './csv.js';

describe('parseCsvLine', () => {
  const rows: [line: string, fields: string[] | undefined][] = [
    ['', ['']],
    ['a,b,c', ['a', 'b', 'c']],
    ['a,,', ['a', '', '']],
    ['1,"AIRLINE LOUNGE,METAL SIGN",2', ['1', 'AIRLINE LOUNGE,METAL SIGN', '2']],
    ['1,"RECORD FRAME 7"" SINGLE SIZE ",48', ['1', 'RECORD FRAME 7" SINGLE SIZE ', '48']],
    ['"",""', ['', '']],
    ['""""', ['"']],
    ['"a",', ['a', '']],
    ['"a', undefined],
    ['"a""', undefined],
    ['"a"b,c', undefined],
    ['a"b,c', undefined],
    ['a,b"', undefined],
  ];
  test.each(rows)('%j', (line, fields) => {
    expect(parseCsvLine(line)).toEqual(fields);
  });

  test('reads back whatever a writer quotes', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', ' ', '£', '') });
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 9 }), (fields) => {
        const line = fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(',');
        expect(parseCsvLine(line)).toEqual(fields);
      }),
    );
  });
});

describe('LineSplitter', () => {
  const split = (bytes: Uint8Array, cuts: readonly number[], max?: number): (string | undefined)[] => {
    const splitter = new LineSplitter(max);
    const out: (string | undefined)[] = [];
    const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
    let from = 0;
    const text = (line: Uint8Array | undefined) =>
      line === undefined ? undefined : Buffer.from(line).toString();
    for (const end of ends) {
      for (const line of splitter.push(bytes.subarray(from, end))) out.push(text(line));
      from = end;
    }
    for (const line of splitter.end()) out.push(text(line));
    return out;
  };

  test('gives the same lines however the bytes are cut', () => {
    const unit = fc.constantFrom('a', 'b', '\n');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), fc.array(fc.nat(100)), (text, cuts) => {
        const lines: (string | undefined)[] = text.split('\n');
        if (lines.at(-1) === '') lines.pop();
        const expected = lines.map((line) => (line!.length > 5 ? undefined : line));
        expect(split(Buffer.from(text), cuts, 5)).toEqual(expected);
      }),
    );
  });
});

describe('readCsv', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'iotw-csv-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const read = async (name: string, bytes: Uint8Array | string, max?: number): Promise<CsvItem[]> => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const items: CsvItem[] = [];
    for await (const item of readCsv(path, max)) items.push(item);
    return items;
  };
  const row = (lineNumber: number, ...fields: string[]): CsvItem => ({ kind: 'row', lineNumber, fields });
  const bad = (lineNumber: number, code: string) => ({ kind: 'bad-row', lineNumber, code });
  const codes = (items: CsvItem[]) =>
    items.map((item) => (item.kind === 'stopped' ? item.failure.code : item.kind));

  test('byte order mark, CR LF, a last line without a break', async () => {
    expect(await read('a.csv', '\ufeffA,B\r\n1,"2"\r\n3,4')).toEqual([
      row(1, 'A', 'B'),
      row(2, '1', '2'),
      row(3, '3', '4'),
    ]);
  });

  test('a bad line costs itself only', async () => {
    const bytes = Buffer.concat([
      Buffer.from('A\n"open\nb\n'),
      Buffer.from([0xff, 0xfe, 10]),
      Buffer.alloc(MAX_LINE_BYTES, 0x61),
      Buffer.from('\n'),
      Buffer.alloc(300_000, 0x61),
      Buffer.from('\nlast\n'),
    ]);
    const expected = [
      row(1, 'A'),
      bad(2, 'bad-quote'),
      row(3, 'b'),
      bad(4, 'not-utf8'),
      row(5, 'a'.repeat(MAX_LINE_BYTES)),
      bad(6, 'line-too-long'),
      row(7, 'last'),
    ];
    expect(await read('b.csv', bytes)).toEqual(expected);
    expect(await read('b.csv.gz', gzipSync(bytes))).toEqual(expected);
  });

  test('a line without end is refused, not held', async () => {
    expect(await read('c.csv', Buffer.alloc(5_000_000, 0x61))).toEqual([bad(1, 'line-too-long')]);
  });

  test('failures of the file', async () => {
    const zipped = gzipSync(Buffer.from('a,b\n'.repeat(1_000)));
    expect(codes(await read('d.csv.gz', 'no gzip'))).toEqual(['orders-gzip']);
    expect(codes(await read('e.csv.gz', zipped.subarray(0, -9))).at(-1)).toBe('orders-gzip');
    expect(codes(await read('f.csv', 'a\n'.repeat(100), 50)).at(-1)).toBe('orders-too-large');
    expect(codes(await read('g.csv', ''))).toEqual([]);
    const missing: CsvItem[] = [];
    for await (const item of readCsv(join(folder, 'missing.csv.gz'))) missing.push(item);
    expect(codes(missing)).toEqual(['orders-unreadable']);
    const directory: CsvItem[] = [];
    for await (const item of readCsv(folder)) directory.push(item);
    expect(codes(directory)).toEqual(['orders-unreadable']);
  });

  test('stops early without trouble', async () => {
    const path = join(folder, 'h.csv.gz');
    writeFileSync(path, gzipSync('a\n'.repeat(1_000_000)));
    for await (const item of readCsv(path)) {
      expect(item).toEqual(row(1, 'a'));
      break;
    }
  });
});
