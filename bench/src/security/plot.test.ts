import { describe, expect, it } from 'vitest';
import { svgOf } from './plot.js';

const plot = {
  title: 'a < b',
  x: 'share',
  y: 'chance',
  series: [
    {
      name: 'one',
      points: [
        [0, 0],
        [1, 2],
      ] as const,
    },
  ],
};

describe('a plot', () => {
  it('puts points where they belong', () => {
    expect(svgOf(plot)).toContain('<polyline points="70,330 460,40"');
  });

  it('is the same every time, and escapes what it shows', () => {
    expect(svgOf(plot)).toBe(svgOf(plot));
    expect(svgOf(plot)).toContain('a &lt; b');
  });

  it('leaves out what a logarithm can not show', () => {
    expect(svgOf({ ...plot, logY: { least: 1e-9 } })).not.toContain('NaN');
  });
});
