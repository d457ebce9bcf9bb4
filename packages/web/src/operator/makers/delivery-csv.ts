import { fromHex } from '@iotw/kernel/bytes';
import { DEVICE_CLASS } from '@iotw/protocol/operations';

/** A delivery of devices as a list (CSV, RFC 4180): who each device is, where it goes, and its own word that it holds its key. */

/** Rows of one list. */
export const MOST_ROWS = 10_000;
const MOST_CHARACTERS = 8_000_000;
const COLUMNS = ['key', 'region', 'class', 'signature'] as const;
/** May be left out: what is printed below the device's code, such as a serial number. */
const LABEL = 'label';
const MOST_LABEL = 40;

export interface DeliveryRow {
  /** In the file, from 1. */
  readonly line: number;
  readonly key: Uint8Array;
  readonly region: number;
  readonly deviceClass: number;
  /** The device's signature over its registration. */
  readonly signature: Uint8Array;
  readonly label: string;
}

/** What is wrong in a line; `what` is a key of the texts. */
export interface RowFault {
  readonly line: number;
  readonly what: string;
  readonly values: Readonly<Record<string, string | number>>;
}

export interface Delivery {
  readonly rows: readonly DeliveryRow[];
  readonly faults: readonly RowFault[];
}

/** Reads a list with its header; every line that is wrong is told with what is wrong in it, and no row of it is given. */
export function readDelivery(text: string, regions: readonly string[]): Delivery {
  const only = (line: number, what: string, values: RowFault['values'] = {}): Delivery => ({
    rows: [],
    faults: [{ line, what, values }],
  });
  if (text.length > MOST_CHARACTERS) return only(1, 'long', { most: MOST_ROWS });
  const [header, ...lines] = cellsOf(text.replace(/^\uFEFF/, ''));
  if (header === undefined) return only(1, 'empty');
  const names = header.cells.map((name) => name.trim().toLowerCase());
  const missing = COLUMNS.filter((name) => !names.includes(name));
  if (missing.length > 0) return only(header.line, 'header', { missing: missing.join(', ') });
  if (lines.length === 0) return only(header.line, 'empty');
  if (lines.length > MOST_ROWS) return only(header.line, 'long', { most: MOST_ROWS });
  const rows: DeliveryRow[] = [];
  const faults: RowFault[] = [];
  const seen = new Map<string, number>();
  for (const { line, cells } of lines) {
    const fault = (what: string, values: RowFault['values'] = {}) => faults.push({ line, what, values });
    if (cells.length !== names.length) {
      fault('columns', { wanted: names.length, found: cells.length });
      continue;
    }
    const cell = (name: string) => (cells[names.indexOf(name)] ?? '').trim();
    const keyText = cell('key').toLowerCase();
    const key = fromHex(keyText, 32);
    const region = regionOf(cell('region'), regions);
    const deviceClass = classOf(cell('class').toLowerCase());
    const signature = fromHex(cell('signature').toLowerCase(), 64);
    const label = names.includes(LABEL) ? cell(LABEL) : '';
    const first = seen.get(keyText);
    if (key === undefined) fault('key', { found: cell('key').length });
    else if (first !== undefined) fault('twice', { first });
    if (region === undefined)
      fault('region', { given: cell('region').slice(0, 40), known: regions.join(', ') });
    if (deviceClass === undefined)
      fault('class', { given: cell('class').slice(0, 40), known: Object.keys(DEVICE_CLASS).join(', ') });
    if (signature === undefined) fault('signature', { found: cell('signature').length });
    if (label.length > MOST_LABEL) fault('label', { most: MOST_LABEL });
    if (faults.at(-1)?.line === line) continue;
    seen.set(keyText, line);
    rows.push({ line, key: key!, region: region!, deviceClass: deviceClass!, signature: signature!, label });
  }
  return { rows, faults };
}

/** Its number; a word that every object has, such as `constructor`, is no class. */
function classOf(text: string): number | undefined {
  return Object.hasOwn(DEVICE_CLASS, text) ? DEVICE_CLASS[text as keyof typeof DEVICE_CLASS] : undefined;
}

function regionOf(text: string, regions: readonly string[]): number | undefined {
  const named = regions.indexOf(text);
  const number = named === -1 && /^[0-9]{1,3}$/.test(text) ? Number(text) : named;
  return number >= 0 && number < regions.length ? number : undefined;
}

/** Lines that are not empty, with their cells: commas or semicolons, whichever the first line has; quotes as RFC 4180. */
function cellsOf(text: string): { readonly line: number; readonly cells: readonly string[] }[] {
  const [first = ''] = text.split(/\r?\n/, 1);
  const comma = first.includes(';') && !first.includes(',') ? ';' : ',';
  const lines: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  let line = 1;
  let began = 1;
  const endLine = () => {
    cells.push(cell);
    if (cells.some((each) => each.trim() !== '')) lines.push({ line: began, cells });
    cells = [];
    cell = '';
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === '\n') line++;
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') cell += text[++at];
      else isQuoted = false;
    } else if (letter === '"' && cell.trim() === '') {
      cell = '';
      isQuoted = true;
    } else if (letter === comma) {
      cells.push(cell);
      cell = '';
    } else if (letter === '\n') {
      endLine();
      began = line;
    } else if (letter !== '\r') cell += letter;
  }
  endLine();
  return lines;
}
