import { plainText } from './plain-text.js';

/** A column: its heading; numbers stand to the right. */
export interface Column {
  readonly name: string;
  readonly right?: boolean;
}

const GAP = '  ';

/** A table as lines, the heading first. Cells are foreign text: they are made plain. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [columns.map(({ name }) => name), ...rows.map((row) => row.map(plainText))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => [...(row[i] ?? '')].length)));
  return cells.map((row) =>
    columns
      .map((column, i) => pad(row[i] ?? '', widths[i]!, column.right === true))
      .join(GAP)
      .trimEnd(),
  );
}

/** Names and values below each other: `name   value`. */
export function formatFields(fields: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${plainText(value)}`.trimEnd());
}

function pad(text: string, width: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - [...text].length));
  return right ? blanks + text : text + blanks;
}
