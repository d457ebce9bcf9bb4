import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Failure, fail } from '@iotw/kernel/result';

/** Longest accepted line in bytes, without its line break; the real orders stay under 200. */
export const MAX_LINE_BYTES = 4_096;
/** Most bytes read of one file after decompression: a small .gz can't keep a reader busy for ever. */
export const MAX_FILE_BYTES = 2 * 1024 * 1024 * 1024;

export type CsvRowCode = 'line-too-long' | 'not-utf8' | 'bad-quote';
export type CsvFileCode = 'orders-unreadable' | 'orders-gzip' | 'orders-too-large';

/** What the reader yields: a row, a line it refuses (the file goes on), or the end by a failure of the file. */
export type CsvItem =
  | { readonly kind: 'row'; readonly lineNumber: number; readonly fields: readonly string[] }
  | { readonly kind: 'bad-row'; readonly lineNumber: number; readonly code: CsvRowCode }
  | { readonly kind: 'stopped'; readonly failure: Failure<CsvFileCode> };

/**
 * Cuts a byte stream into lines at LF. Holds at most `maxLineBytes` bytes: the rest of a longer line is
 * dropped as it arrives and the line comes out as `undefined`.
 */
export class LineSplitter {
  private pieces: Uint8Array[] = [];
  private held = 0;
  private tooLong = false;

  constructor(private readonly maxLineBytes: number = MAX_LINE_BYTES) {}

  /** The lines that `chunk` completes, in order. */
  *push(chunk: Uint8Array): Generator<Uint8Array | undefined> {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      this.hold(chunk.subarray(from, at));
      yield this.take();
      from = at + 1;
    }
    if (from < chunk.length) this.hold(chunk.slice(from));
  }

  /** The last line, where the file doesn't end with a line break. */
  *end(): Generator<Uint8Array | undefined> {
    if (this.held > 0 || this.tooLong) yield this.take();
  }

  private hold(piece: Uint8Array): void {
    if (this.held + piece.length > this.maxLineBytes) {
      this.tooLong = true;
      this.pieces = [];
      this.held = 0;
    }
    if (this.tooLong) return;
    this.pieces.push(piece);
    this.held += piece.length;
  }

  private take(): Uint8Array | undefined {
    const { pieces, tooLong } = this;
    this.pieces = [];
    this.held = 0;
    this.tooLong = false;
    if (tooLong) return undefined;
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
  }
}

/**
 * The fields of one CSV line (RFC 4180 quoting), or `undefined` for a quote that isn't closed, opens inside a
 * field or is followed by anything but a comma. A record is one line: a line break inside quotes is refused,
 * so one stray quote costs one line and not the rest of the file.
 */
export function parseCsvLine(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] !== '"') {
      const comma = line.indexOf(',', at);
      const field = comma === -1 ? line.slice(at) : line.slice(at, comma);
      if (field.includes('"')) return undefined;
      fields.push(field);
      if (comma === -1) return fields;
      at = comma + 1;
      continue;
    }
    let field = '';
    at += 1;
    for (;;) {
      const quote = line.indexOf('"', at);
      if (quote === -1) return undefined;
      field += line.slice(at, quote);
      at = quote + 1;
      if (line[at] !== '"') break;
      field += '"';
      at += 1;
    }
    fields.push(field);
    if (at === line.length) return fields;
    if (line[at] !== ',') return undefined;
    at += 1;
  }
}

/**
 * Reads a .csv or .csv.gz file line by line in bounded memory. Line numbers count from 1 (the header). A byte
 * order mark and CR before LF are dropped. Never throws for what the file holds: see CsvItem.
 */
export async function* readCsv(path: string, maxFileBytes = MAX_FILE_BYTES): AsyncGenerator<CsvItem> {
  const splitter = new LineSplitter();
  let lineNumber = 0;
  let bytes = 0;
  try {
    for await (const chunk of openBytes(path)) {
      bytes += chunk.length;
      if (bytes > maxFileBytes) {
        const message = `The orders file holds more than ${maxFileBytes} bytes; cut it.`;
        yield { kind: 'stopped', failure: fail('orders-too-large', message).error };
        return;
      }
      for (const line of splitter.push(chunk)) yield rowOf(line, ++lineNumber);
    }
  } catch (error) {
    yield { kind: 'stopped', failure: fileFailure(path, error) };
    return;
  }
  for (const line of splitter.end()) yield rowOf(line, ++lineNumber);
}

function openBytes(path: string): AsyncIterable<Uint8Array> {
  const file = createReadStream(path);
  if (!path.toLowerCase().endsWith('.gz')) return file;
  // pipeline hands an error of either stream to the reader of the last one and closes both on an early stop.
  return pipeline(file, createGunzip(), () => {});
}

function rowOf(line: Uint8Array | undefined, lineNumber: number): CsvItem {
  if (line === undefined) return { kind: 'bad-row', lineNumber, code: 'line-too-long' };
  if (!isUtf8(line)) return { kind: 'bad-row', lineNumber, code: 'not-utf8' };
  let text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8');
  if (lineNumber === 1 && text.startsWith('\ufeff')) text = text.slice(1);
  if (text.endsWith('\r')) text = text.slice(0, -1);
  const fields = parseCsvLine(text);
  if (fields === undefined) return { kind: 'bad-row', lineNumber, code: 'bad-quote' };
  return { kind: 'row', lineNumber, fields };
}

function fileFailure(path: string, error: unknown): Failure<CsvFileCode> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('Z_')) {
    return fail('orders-gzip', `The gzip data of ${path} is damaged or cut short (${code}).`).error;
  }
  if (code === '') throw error;
  const message = `Can't read ${path} (${code}): give a readable .csv or .csv.gz file.`;
  return fail('orders-unreadable', message).error;
}
