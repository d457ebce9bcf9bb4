/** How figures stand on the page. */
import type { Interval } from '@iotw/simulator/statistics/intervals';
import type { Plot } from './plot.js';

/** One part of the page: its text, which names the plots by file. */
export interface Section {
  readonly markdown: string;
  readonly plots: readonly (readonly [file: string, plot: Plot])[];
}

export const number = (value: number): string => Number(value.toPrecision(3)).toString();

export const range = ({ value, low, high }: Interval): string =>
  `${number(value)} (${number(low)} to ${number(high)})`;

/** `head`: the first line of a markdown table. */
export const table = (head: string, rows: readonly string[]): string =>
  [head, head.replaceAll(/[^|]+/g, '---'), ...rows].join('\n');

/** A line of a plot with its intervals. */
export const banded = (
  name: string,
  points: readonly (readonly [x: number, y: Interval])[],
): Plot['series'][number] => ({
  name,
  points: points.map(([x, { value }]) => [x, value] as const),
  bands: points.map(([, { low, high }]) => [low, high] as const),
});
