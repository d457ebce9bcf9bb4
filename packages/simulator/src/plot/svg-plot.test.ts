import { expect, it } from 'vitest';
import { svgPlot } from './svg-plot.js';

const options = { title: 'a < b', x: 'x', y: 'y' };

it('draws each series within the frame, with gaps and bands, and escapes text', () => {
  const svg = svgPlot(options, [
    {
      name: 'one & all',
      points: [
        [0, 1],
        [1, undefined],
        [2, 3],
        [3, 5],
      ],
    },
    {
      name: 'two',
      points: [
        [0, 2],
        [3, 4],
      ],
      band: [
        [0, 1, 3],
        [3, 3, 5],
      ],
    },
  ]);
  expect(svg).toContain('a &lt; b');
  expect(svg).toContain('one &amp; all');
  // The first point stands alone before the gap.
  expect(svg.match(/<polyline/g)).toHaveLength(3);
  expect(svg.match(/<polygon/g)).toHaveLength(1);
  expect(svg).toContain('points="410.0,204.0 570.0,44.0"');
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

it('leaves out of a logarithmic axis what has no logarithm', () => {
  const svg = svgPlot({ ...options, logarithmic: true }, [
    {
      name: 'one',
      points: [
        [0, 0],
        [1, 1],
        [2, 100],
      ],
    },
  ]);
  expect(svg).toContain('points="330.0,364.0 570.0,44.0"');
  expect(svgPlot(options, [])).toContain('</svg>');
});
