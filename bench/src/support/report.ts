import { cpus } from 'node:os';
import { round } from './statistics.js';

export interface BenchResult {
  readonly bench: string;
  readonly figures: Readonly<Record<string, number>>;
  /** What was measured as the limit in the same run. */
  readonly limit: Readonly<Record<string, number>>;
  /** The main figure against its limit. */
  readonly ratio: number;
  readonly conditions: Readonly<Record<string, string | number | boolean>>;
}

/** Prints the figures for people on stderr, and the one JSON line on stdout. */
export function report(result: BenchResult): void {
  const conditions = {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? '',
    node: process.version,
    ...result.conditions,
  };
  const figures = Object.fromEntries(
    Object.entries(result.figures).map(([name, value]) => [name, round(value, 3)]),
  );
  const limit = Object.fromEntries(
    Object.entries(result.limit).map(([name, value]) => [name, round(value, 3)]),
  );
  for (const [name, value] of Object.entries({ ...figures, ...limit })) note(`${name.padEnd(40)} ${value}`);
  process.stdout.write(
    `${JSON.stringify({ bench: result.bench, figures, limit, ratio: round(result.ratio, 4), conditions })}\n`,
  );
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Ends the bench with a reason where it can't measure. */
export function giveUp(reason: string): never {
  note(reason);
  process.exit(1);
}
